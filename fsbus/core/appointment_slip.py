"""Makes the slip of an appointment: when, where, what to bring, what to do if one cannot come."""

from dataclasses import dataclass
from datetime import date

from fsbus.core import french
from fsbus.core.appointments import Appointment
from fsbus.core.papers import A5, ROLL_80, Paper
from fsbus.core.redaction import redacted
from fsbus.core.sheets import BY_HAND, Boxes, Fact, Part, Sheet
from fsbus.core.visit_sheets import RIGHTS, Lists

PAPERS: tuple[Paper, ...] = (A5, ROLL_80)
_NOT_NAMED = "Votre nom n’est écrit que sur demande. "
_CANNOT_COME = "Prévenez dès que possible\u00a0: l’heure servira à quelqu’un d’autre, et un autre rendez-vous vous sera donné."


@redacted()
@dataclass(frozen=True)
class OnSlip:
    """What the slip is drawn from. ``after``: the passages that follow in that commune, in words; ``name`` is typed for it."""

    appointment: Appointment
    bus: str
    after: tuple[str, ...] = ()
    name: str = ""


def slip_of(told: OnSlip, lists: Lists, paper: Paper) -> Sheet:
    """The slip on this paper."""
    one = told.appointment
    commune = lists.commune(one.commune)
    procedure = lists.procedure(one.procedure) if one.procedure else None
    when: list[Fact] = [
        ("Jour", french.weekday_and_full_day(date.fromisoformat(one.day)).capitalize()),
        ("Heure", f"{french.hour(one.starts_at)}, pour {french.duration(one.minutes)}"),
        ("Lieu", ", ".join(filter(None, (one.place, commune.label if commune else one.commune)))),
        ("Démarche", procedure.title if procedure else ""),
        ("Nom", told.name),
    ]
    to_bring = procedure.documents if procedure else ()
    boxes = (Boxes("Les originaux, et une copie si possible\u00a0:", tuple(to_bring)),) if to_bring else ()
    later = "\u00a0; ".join(told.after)
    after = f" Passages suivants à cet endroit\u00a0: {later}." if later else ""
    parts = [
        Part("Quand et où", facts=tuple(fact for fact in when if fact[1])),
        Part("À apporter", boxes=boxes) if boxes else None,
        Part(
            "Si vous ne pouvez pas venir", words=f"{_CANNOT_COME}{after}", facts=(("Pour prévenir", BY_HAND),)
        ),
    ]
    foot = ("" if told.name else _NOT_NAMED) + RIGHTS
    return Sheet("Votre rendez-vous", told.bus, tuple(part for part in parts if part), foot, paper)
