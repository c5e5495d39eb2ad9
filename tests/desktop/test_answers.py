"""The presenter of official answers, on the lists that are shipped, without a screen."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

import pytest

from fsbus.actions.session import Session
from fsbus.actions.visits import record_visit
from fsbus.core import ways
from fsbus.core.catalog import Block, Catalog, Fiche, Procedure
from fsbus.core.errors import FsbusError, StoreDamaged
from fsbus.core.french import NARROW, NO_BREAK
from fsbus.desktop.answers.composing import UNTOLD, data_line, fiche_page, page_of, procedure_page
from fsbus.desktop.answers.pages import ADDRESS, HEADING, LIST, NOTE, TABLE, TEXT, AnswerPage, Part
from fsbus.desktop.answers.presenter import (
    MOST_FOUND,
    NOT_HERE,
    NOTHING_FOUND,
    NOTHING_TYPED,
    AnswersPresenter,
)
from fsbus.desktop.widgets.suggestions import Suggestion
from fsbus.store.reference import Reference
from tests.builders import draft, procedure_draft

T = TypeVar("T")


@dataclass
class Screen:
    """The page as the presenter sees it."""

    typed: str = ""
    data: str = ""
    found: tuple[Suggestion, ...] = ()
    told: str = ""
    advice: str = ""
    pages: list[AnswerPage] = field(default_factory=list)
    read: str = ""

    def text(self) -> str:
        return self.typed

    def show_data(self, line: str) -> None:
        self.data = line

    def show_found(self, found: tuple[Suggestion, ...], told: str, advice: str) -> None:
        self.found, self.told, self.advice = found, told, advice

    def show_page(self, page: AnswerPage) -> None:
        self.pages.append(page)

    def marked(self) -> str:
        return self.found[0].code if self.found else ""

    def mark(self, code: str) -> None:
        self.read = code


@dataclass
class HeldLookup:
    """Answers when the test says so, and the latest question only, as the real one."""

    lists: Reference
    waiting: list[Callable[[], None]] = field(default_factory=list)
    error: FsbusError | None = None

    def ask(
        self,
        question: Callable[[Reference], T],
        done: Callable[[T], None],
        failed: Callable[[FsbusError], None],
    ) -> None:
        def answer() -> None:
            if self.error is not None:
                failed(self.error)
            else:
                done(question(self.lists))

        self.waiting[:] = [answer]

    def answer(self) -> None:
        while self.waiting:
            self.waiting.pop()()


@pytest.fixture
def lists(device: Session) -> Reference:
    return device.reference


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def lookup(lists: Reference) -> HeldLookup:
    return HeldLookup(lists)


@pytest.fixture
def presenter(screen: Screen, device: Session, lookup: HeldLookup) -> AnswersPresenter:
    return AnswersPresenter(screen, device, lookup)


def headings(page: AnswerPage) -> list[str]:
    return [part.text for part in page.parts if part.kind == HEADING]


def after(page: AnswerPage, heading: str) -> Part:
    """The part that follows a heading."""
    [place] = [n for n, part in enumerate(page.parts) if part.kind == HEADING and part.text == heading]
    return page.parts[place + 1]


# --- searching ---------------------------------------------------------------------------------------------


def test_the_day_of_the_data_is_told_and_old_fiches_are_said_to_be_old(
    presenter: AnswersPresenter, screen: Screen, lists: Reference
) -> None:
    presenter.refresh()
    assert screen.data == (
        f"Catalogue du 23{NO_BREAK}novembre 2026 · fiches officielles du 12{NO_BREAK}novembre 2020{NO_BREAK}: "
        "plus d’un an, vérifiez montants et délais"
    )
    assert "plus d’un an" not in data_line(lists, date(2021, 11, 12))
    assert "plus d’un an" in data_line(lists, date(2021, 11, 13))


def test_nothing_typed_proposes_what_this_laptop_uses_most(
    presenter: AnswersPresenter, screen: Screen, device: Session
) -> None:
    presenter.refresh()
    assert (screen.found, screen.told, screen.advice) == ((), "", NOTHING_TYPED)
    record_visit(device, draft(procedures=[procedure_draft(procedure="CNAV-DEM")]))
    presenter.refresh()
    assert [one.code for one in screen.found] == ["procedure:CNAV-DEM"]
    assert screen.advice == NOTHING_TYPED


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("carte grise perdue", "procedure:FT-CG-DUP"),
        ("réversion", "procedure:CNAV-REV"),
        ("pole emploi", "procedure:FTR-"),
        ("acte de naissance", "fiche:"),
    ],
)
def test_procedures_and_fiches_are_found_by_words_and_old_names(
    presenter: AnswersPresenter, screen: Screen, lookup: HeldLookup, typed: str, wanted: str
) -> None:
    presenter.search(typed)
    lookup.answer()
    assert any(one.code.startswith(wanted) for one in screen.found), [one.code for one in screen.found]
    kinds = [one.code.partition(":")[0] for one in screen.found]
    assert kinds == sorted(kinds, reverse=True)
    assert all(one.detail.startswith(("Démarche", "Fiche officielle")) for one in screen.found)


def test_what_was_found_is_counted(presenter: AnswersPresenter, screen: Screen, lookup: HeldLookup) -> None:
    for typed in ("carte", "chèque énergie", "mobilité inclusion"):
        presenter.search(typed)
        lookup.answer()
        count = len(screen.found)
        if count == MOST_FOUND:
            assert screen.told == f"40 premières réponses{NARROW}; un mot de plus en laisse moins"
        else:
            assert screen.told == f"{count} réponse{'s' if count > 1 else ''}"


def test_no_result_says_what_to_do_next(
    presenter: AnswersPresenter, screen: Screen, lookup: HeldLookup
) -> None:
    presenter.search("<zzqqxx>")
    lookup.answer()
    assert screen.told == f"Aucun résultat pour «{NO_BREAK}<zzqqxx>{NO_BREAK}»."
    assert screen.advice == NOTHING_FOUND


def test_enter_before_the_answer_opens_the_best_of_what_is_being_searched(
    presenter: AnswersPresenter, screen: Screen, lookup: HeldLookup
) -> None:
    presenter.search("passeport mineur")
    lookup.answer()
    presenter.search("carte grise perdue")
    presenter.take()
    assert screen.pages == []
    lookup.answer()
    assert screen.pages[-1].title == screen.found[0].title


def test_an_emptied_search_forgets_the_question_under_way(
    presenter: AnswersPresenter, screen: Screen, lookup: HeldLookup
) -> None:
    presenter.search("carte")
    presenter.search("")
    lookup.answer()
    assert (screen.found, screen.advice) == ((), NOTHING_TYPED)
    presenter.take()
    lookup.answer()
    assert screen.pages == []


def test_lists_that_cannot_be_read_are_told_and_the_next_search_works(
    presenter: AnswersPresenter, screen: Screen, lookup: HeldLookup
) -> None:
    lookup.error = StoreDamaged("liste abîmée.")
    presenter.search("carte")
    presenter.take()
    lookup.answer()
    assert screen.told == f"Les réponses ne peuvent pas être lues{NO_BREAK}: liste abîmée."
    lookup.error = None
    presenter.search("carte")
    lookup.answer()
    assert screen.found
    assert screen.pages == []


def test_an_answer_that_is_not_here_is_told(
    presenter: AnswersPresenter, screen: Screen, lookup: HeldLookup
) -> None:
    for code in ("fiche:F1", "procedure:NO", "autre:F1341", ""):
        presenter.read(code)
        lookup.answer()
        assert screen.told == NOT_HERE
        screen.told = ""


# --- a procedure -------------------------------------------------------------------------------------------


def test_a_procedure_tells_what_to_bring_and_what_each_way_asks_of_the_network(lists: Reference) -> None:
    page = page_of(lists, "procedure:FT-CNI-P")
    assert page is not None
    assert page.dated == f"Démarche du catalogue du 23{NO_BREAK}novembre 2026"
    assert page.parts[0].text == f"Organisme{NO_BREAK}: France Titres (ministère de l’Intérieur)"
    assert "timbre fiscal 25 €" in after(page, "Pièces à apporter").lines
    assert after(page, "À préparer ici, à finir sur place").lines == ("À la mairie, sur rendez-vous",)
    assert after(page, "Avec internet").lines == ("Par le service en ligne",)
    assert "Sans internet" not in headings(page)
    assert Part(ADDRESS, "Adresse du service", ("ants.gouv.fr",)) in page.parts
    assert page.address == "ants.gouv.fr"
    assert [door.code for door in page.doors] == ["fiche:F1344"]
    assert "à jour au" in after(page, "Fiche officielle").text


def test_what_the_catalogue_does_not_say_is_not_made_up(lists: Reference) -> None:
    page = procedure_page(lists, Procedure("X", "Titre", "PARTENAIRE-INCONNU"))
    assert page.parts[0].text == f"Organisme{NO_BREAK}: PARTENAIRE-INCONNU"
    assert after(page, "Pièces à apporter").text == UNTOLD
    assert after(page, "Comment la faire").text == UNTOLD
    assert after(page, "Fiche officielle").text == "Aucune n’est liée à cette démarche."
    assert (page.doors, page.address) == ((), "")
    missing = procedure_page(lists, Procedure("X", "Titre", "CNAF", fiche="F999999", active=False))
    assert after(missing, "Fiche officielle").text == f"F999999{NO_BREAK}: elle n’est pas sur ce poste."
    assert missing.dated.endswith("n’est plus proposée")


def test_a_channel_that_nobody_described_is_shown_as_written(lists: Reference) -> None:
    page = procedure_page(lists, Procedure("X", "Titre", "CNAF", channels=("pigeon", "courrier")))
    assert after(page, "Sans internet").lines == ("Par courrier",)
    assert after(page, "Autre manière, telle qu’écrite au catalogue").lines == ("pigeon",)
    assert not any(part.kind == NOTE for part in page.parts)


def test_every_channel_of_the_catalogue_is_described(lists: Reference) -> None:
    catalog: Catalog = lists.catalog()
    channels = {channel for procedure in catalog.procedures for channel in procedure.channels}
    assert len(channels) > 10
    assert ways.UNKNOWN not in ways.ways_by_need(channels)


# --- a fiche -----------------------------------------------------------------------------------------------


def test_every_fiche_is_read_whole_with_its_date(lists: Reference) -> None:
    codes = sorted({procedure.fiche for procedure in lists.catalog().procedures if procedure.fiche})
    assert len(codes) == 101
    for code in codes:
        fiche, page = lists.fiche(code), page_of(lists, f"fiche:{code}")
        assert fiche is not None
        assert page is not None
        assert f"{code} · à jour au " in page.dated
        assert page.doors, code
        told = "\n".join(
            piece
            for part in page.parts
            for piece in (part.text, *part.lines, *(c for row in part.rows for c in row))
        )
        for block in fiche.blocks:
            for piece in (block.text, *block.lines, *(cell for row in block.rows for cell in row), block.url):
                assert piece in told, code


def test_cases_are_headings_and_the_law_comes_last(lists: Reference) -> None:
    page = page_of(lists, "fiche:F1341")
    assert page is not None
    found = headings(page)
    assert found[0] == "Demande en France"
    assert "Vous avez un passeport valide" in found
    assert found[-1] == "Textes de référence"
    levels = {part.level for part in page.parts if part.kind == HEADING}
    assert levels >= {1, 2, 3, 4}


def test_each_kind_of_block_keeps_its_kind(lists: Reference) -> None:
    blocks = (
        Block("heading", 9, "Cas <i>"),
        Block("list", lines=("a & b",)),
        Block("note", text="Attention", lines=("c",)),
        Block("table", text="t", rows=(("d", "e"),)),
        Block("link", text="Service", lines=("qui",), url="https://exemple.fr/?a=1&b=2"),
        Block("link", text="Autre", url="F1341"),
        Block("link", text="Sans adresse"),
    )
    page = fiche_page(lists, Fiche("F1", "Titre", blocks=blocks))
    assert page.parts == (
        Part(HEADING, "Cas <i>", level=6),
        Part(LIST, lines=("a & b",)),
        Part(NOTE, "Attention", ("c",)),
        Part(TABLE, "t", rows=(("d", "e"),)),
        Part(ADDRESS, "Service", ("qui", "https://exemple.fr/?a=1&b=2")),
        Part(ADDRESS, "Autre", ("fiche F1341",)),
        Part(TEXT, "Sans adresse"),
    )
    assert page.dated == "Fiche officielle F1 · date non renseignée"
    assert [door.code for door in page.doors] == ["fiche:F1341"]
