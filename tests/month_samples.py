"""A busy made-up month, and a hostile one, for the tests of the report."""

from collections.abc import Iterator
from datetime import date, timedelta

from fsbus.core import codes
from fsbus.core.door_figures import AttendanceFact, WorkshopFact
from fsbus.core.month_figures import MonthReport
from fsbus.core.reports import TOPIC, Names, RecordFact, VisitFact, month_report

COMMUNES = {
    "02361": "Guise", "02408": "Laon", "02738": "Tergnier", "02789": "Vervins", "59606": "Valenciennes",
    "02095": "Blérancourt", "02381": "Hirson", "02722": "Le Sourd", "59036": "Avesnes-sur-Helpe",
}  # fmt: skip
PARTNERS = {
    "FT": "France Titres",
    "CNAF": "Caf",
    "CNAM": "Assurance maladie",
    "DGFIP": "Impôts",
    "CNAV": "Retraite",
}
HOSTILE = [
    "=cmd|' /C calc'!A0", "+33 6 12 34 56 78", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", " =1", "\u200b=1",
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</style><b>", "&amp;", "Robert'); DROP--",
    "\x00nul", "\u202egnp.exe", "[sheet]*?/\\:'", "é" * 300, "{{7*7}}", "https://example.org/", "12", "œ Ÿ 🚌 \U0010ffff",
]  # fmt: skip


def busy_month(bus: str = "Bus France services Thiérache Sambre et Oise") -> MonthReport:
    """November 2026: 21 days open, every list filled unevenly; nothing masked."""
    names = Names(
        commune=COMMUNES.get,
        procedure=lambda code: (
            f"Démarche n° {code[2:]} : demande ou renouvellement, suivi et pièces à fournir"
            if code.endswith("7")
            else f"Démarche n° {code[2:]}"
        ),
        partner=PARTNERS.get,
        topic=lambda code: list(TOPIC)[int(code[2:]) % 10],
    )
    visits = list(_visits())
    return month_report(
        "2026-11",
        visits,
        _records(visits),
        _workshops(),
        _attendances(),
        names=names,
        bus=bus,
        generated_on=date(2026, 12, 1),
    )


def _workshops() -> Iterator[WorkshopFact]:
    """Four, each with some who were not counted."""
    topics, ages = list(codes.WORKSHOP_TOPIC), list(codes.AGE_BAND)
    for number in range(4):
        yield WorkshopFact(
            minutes=60 + 30 * number,
            participants=6 + number,
            topics=(topics[number], "email"),
            genders={"female": 3, "male": 2, "undisclosed": None},
            ages={ages[number + 2]: 4, ages[5]: 2},
            statuses={"retired": 5} if number else {},
        )


def _attendances() -> Iterator[AttendanceFact]:
    """Three mornings."""
    for number in range(3):
        yield AttendanceFact(
            arrived=12,
            received=9,
            gave_up=2,
            booked=1,
            waited_minutes=90 + number,
            by_hour={"h08": 2, "h09": 7, "h11": 3},
        )


def hostile_month(text: str) -> MonthReport:
    """A month whose bus, commune, procedure, partner and codes all bear this text."""
    names = Names(lambda _code: text, lambda _code: text, lambda _code: text, lambda _code: text)
    visits = [
        VisitFact("v", "2026-11-24", "02361", "02408", text, 30, text, text, True, text, 3) for _ in range(9)
    ]
    records = [RecordFact("v", text, text, text, text, text, (text,)) for _ in range(9)]
    workshops = [WorkshopFact(60, 7, (text,), {text: 7}, {text: 3}, {}) for _ in range(3)]
    queue = [AttendanceFact(9, 9, 0, 0, 30, {"h09": 9})]
    return month_report(
        "2026-11", visits, records, workshops, queue, names=names, bus=text, generated_on=date(2026, 12, 1)
    )


def _visits() -> Iterator[VisitFact]:
    day, number = date(2026, 11, 2), 0
    communes, ages, channels = list(COMMUNES), list(codes.AGE_BAND), list(codes.CHANNEL)
    while day.month == 11:
        for turn in range(0 if day.weekday() > 4 or day.day == 11 else 5 + day.day * 7 % 9):
            number += 1
            yield VisitFact(
                visit_id=f"v{number}",
                visited_on=day.isoformat(),
                stop_commune=communes[day.weekday()],
                resident_commune=None
                if number % 17 == 0
                else communes[number * number % 83 % 9 if turn else 0],
                channel=channels[0 if number % 3 else number % 5],
                minutes=10 + number * 13 % 50,
                age_band=ages[2 + number * number % 6] if number % 11 else "undisclosed",
                gender=("female", "male", "female", "undisclosed")[number * 7 % 4 if number % 3 else 0],
                first_visit=number % 3 == 0,
                autonomy=(None, "guided", "guided", "partial", "autonomous")[number % 5],
                satisfaction=(3, 3, 3, None, 2, 3)[number % 6] if number % 97 else 1,
            )
        day += timedelta(days=1)


def _records(visits: list[VisitFact]) -> Iterator[RecordFact]:
    outcomes = [
        *["resolved"] * 9,
        "follow_up",
        "referred",
        "sent_to_partner",
        "escalated",
        "no_network",
        "abandoned",
    ]
    natures, modes, partners = list(codes.NATURE), list(codes.MODE), list(PARTNERS)
    for number, visit in enumerate(visits):
        for turn in range(1 + number * 5 % 3):
            spread = number * 7 + turn * 11
            yield RecordFact(
                visit_id=visit.visit_id,
                procedure=f"P-{spread * spread % 37:02d}",
                partner=partners[spread * spread % 11 % 5],
                nature=natures[spread * spread % 13 % 6],
                mode=modes[0 if spread % 5 == 0 else 1 if spread % 7 else 2],
                outcome=outcomes[spread % len(outcomes)],
                blockers=("digital_skills", "account_access") if spread % 9 == 0 else (),
                answered=True,
            )
