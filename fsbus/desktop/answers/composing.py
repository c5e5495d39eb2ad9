"""Makes the pages to be read, from a procedure of the catalogue or an official fiche."""

from collections.abc import Iterable, Iterator
from datetime import date

from fsbus.core import french, ways
from fsbus.core.catalog import Block, Fiche, Procedure
from fsbus.core.french import NO_BREAK
from fsbus.desktop.answers.pages import ADDRESS, HEADING, LIST, NOTE, TABLE, TEXT, AnswerPage, Door, Part
from fsbus.store.reference import Reference

PROCEDURE, FICHE = "procedure", "fiche"
UNTOLD = "Non renseigné dans le catalogue."
MOST_DOORS = 12
OLD_AFTER = 365
"""Days after which the official fiches are told to be checked."""
_DEEPEST = 6
_NEEDS = {
    ways.OFF_LINE: "Sans internet",
    ways.PREPARED: "À préparer ici, à finir sur place",
    ways.ON_LINE: "Avec internet",
    ways.UNKNOWN: "Autre manière, telle qu’écrite au catalogue",
}
_LATER = "Sans réseau aujourd’hui\u00a0: réunissez les pièces, puis faites-la au prochain passage connecté."


def page_of(lists: Reference, code: str) -> AnswerPage | None:
    """The page of ``procedure:CODE`` or ``fiche:CODE``; None when this laptop does not hold it."""
    kind, _, key = code.partition(":")
    if kind == PROCEDURE:
        procedure = lists.procedure(key)
        return None if procedure is None else procedure_page(lists, procedure)
    fiche = lists.fiche(key) if kind == FICHE else None
    return None if fiche is None else fiche_page(lists, fiche)


def procedure_page(lists: Reference, procedure: Procedure) -> AnswerPage:
    """Whose it is, what to bring, and what each way of doing it asks of the network."""
    fiche = lists.fiche(procedure.fiche) if procedure.fiche else None
    edition = lists.editions().get("catalog")
    dated = (
        f"Démarche du catalogue du {day_in_french(edition.edition)}" if edition else "Démarche du catalogue"
    )
    partner = lists.partner(procedure.partner)
    return AnswerPage(
        title=procedure.title,
        dated=dated if procedure.active else f"{dated} · n’est plus proposée",
        parts=tuple(_procedure_parts(procedure, partner.label if partner else procedure.partner, fiche)),
        doors=(Door(f"{FICHE}:{fiche.code}", fiche.title),) if fiche else (),
        address=procedure.service_host,
    )


def fiche_page(lists: Reference, fiche: Fiche) -> AnswerPage:
    """An official fiche as it was published; its references to law come last."""
    kind = fiche.kind or "Fiche officielle"
    day = f"à jour au {day_in_french(fiche.updated_on)}" if fiche.updated_on else "date non renseignée"
    introduction = (Part(TEXT, fiche.introduction),) if fiche.introduction else ()
    law = tuple(_parts(block for block in fiche.blocks if block.kind == "reference"))
    return AnswerPage(
        title=fiche.title,
        dated=f"{kind} {fiche.code} · {day}",
        parts=(
            *introduction,
            *_parts(block for block in fiche.blocks if block.kind != "reference"),
            *((Part(HEADING, "Textes de référence"), *law) if law else ()),
        ),
        doors=tuple(_doors(lists, fiche)),
        address=fiche.url,
    )


def data_line(lists: Reference, today: date) -> str:
    """Of which day the catalogue and the fiches are, and whether the fiches are old."""
    editions = lists.editions()
    told = [
        f"{name} du {day_in_french(editions[kind].edition)}"
        for kind, name in (("catalog", "Catalogue"), ("fiches", "fiches officielles"))
        if kind in editions
    ]
    line = " · ".join(told) or "Aucune donnée officielle sur ce poste."
    if "fiches" in editions and _age(editions["fiches"].edition, today) > OLD_AFTER:
        line += f"{NO_BREAK}: plus d’un an, vérifiez montants et délais"
    return line


def day_in_french(day: str) -> str:
    """``24 novembre 2026`` for ``2026-11-24``; what is no day is given back as it is."""
    try:
        return french.full_day(date.fromisoformat(day))
    except ValueError:
        return day


def _age(day: str, today: date) -> int:
    try:
        return (today - date.fromisoformat(day)).days
    except ValueError:
        return 0


def _procedure_parts(procedure: Procedure, partner: str, fiche: Fiche | None) -> Iterator[Part]:
    yield Part(TEXT, f"Organisme{NO_BREAK}: {partner}")
    yield Part(HEADING, "Pièces à apporter")
    yield Part(LIST, lines=procedure.documents) if procedure.documents else Part(TEXT, UNTOLD)
    found = ways.ways_by_need(procedure.channels)
    if not found:
        yield Part(HEADING, "Comment la faire")
        yield Part(TEXT, UNTOLD)
    for need, heading in _NEEDS.items():
        if need not in found:
            continue
        yield Part(HEADING, heading)
        yield Part(LIST, lines=found[need])
        if need == ways.ON_LINE:
            if procedure.service_host:
                yield Part(ADDRESS, "Adresse du service", (procedure.service_host,))
            yield Part(NOTE, "À savoir", (_LATER,))
    yield Part(HEADING, "Fiche officielle")
    if fiche is not None:
        day = f", à jour au {day_in_french(fiche.updated_on)}" if fiche.updated_on else ""
        yield Part(TEXT, f"{fiche.title} ({fiche.code}{day}). «{NO_BREAK}Voir aussi{NO_BREAK}» l’ouvre.")
    elif procedure.fiche:
        yield Part(TEXT, f"{procedure.fiche}{NO_BREAK}: elle n’est pas sur ce poste.")
    else:
        yield Part(TEXT, "Aucune n’est liée à cette démarche.")


def _parts(blocks: Iterable[Block]) -> Iterator[Part]:
    for block in blocks:
        if block.kind == "heading":
            yield Part(HEADING, block.text, level=min(block.level, _DEEPEST))
        elif block.kind == "list":
            yield Part(LIST, lines=block.lines)
        elif block.kind == "note":
            yield Part(NOTE, block.text, block.lines)
        elif block.kind == "table":
            yield Part(TABLE, block.text, rows=block.rows)
        elif block.url or block.lines:
            inside = block.url and not block.url.startswith("http")
            where = f"fiche {block.url}" if inside else block.url
            yield Part(ADDRESS, block.text, tuple(line for line in (*block.lines, where) if line))
        else:
            yield Part(TEXT, block.text)


def _doors(lists: Reference, fiche: Fiche) -> Iterator[Door]:
    """The procedures that name this fiche, then the fiches it names that are on this laptop."""
    count = 0
    for procedure in lists.catalog().procedures:
        if procedure.fiche == fiche.code and procedure.active and count < MOST_DOORS:
            count += 1
            yield Door(f"{PROCEDURE}:{procedure.code}", f"Démarche{NO_BREAK}: {procedure.title}")
    codes = dict.fromkeys(
        block.url for block in fiche.blocks if block.kind == "link" and not block.url.startswith("http")
    )
    for code in codes:
        title = lists.fiche_title(code) if code != fiche.code and count < MOST_DOORS else None
        if title is not None:
            count += 1
            yield Door(f"{FICHE}:{code}", title)
