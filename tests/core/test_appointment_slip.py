"""The slip says when, where and what to bring, and names nobody unless it is asked for."""

from fsbus.actions.session import Session
from fsbus.core.appointment_slip import PAPERS, OnSlip, slip_of
from fsbus.core.appointments import Appointment
from fsbus.core.papers import ROLL_80
from fsbus.core.sheets import as_html
from tests.builders import new_id

ONE = Appointment(
    new_id(), "2026-12-08", "10:30", 45, "02361",
    place="Place du marché", name="Zéphyrine Nédelec", phone="06 12 34 56 78", procedure="CNAV-DEM", note="Sourde.",
)  # fmt: skip


def words(device: Session, told: OnSlip) -> str:
    return slip_of(told, device.reference, ROLL_80).in_words().replace("\u00a0", " ")


def test_it_says_when_where_what_to_bring_and_what_if_one_cannot_come(device: Session) -> None:
    told = words(device, OnSlip(ONE, "Thiérache", ("mardi 15 décembre",)))
    for expected in (
        "Mardi 8 décembre 2026",
        "10 h 30, pour 45 min",
        "Place du marché, Guise (02)",
        "mardi 15 décembre",
    ):
        assert expected in told
    procedure = device.reference.procedure("CNAV-DEM")
    assert procedure is not None
    assert all(document in told for document in procedure.documents)
    assert "Si vous ne pouvez pas venir" in told


def test_nothing_on_it_says_who_the_person_is_unless_asked(device: Session) -> None:
    told = words(device, OnSlip(ONE, "Thiérache"))
    assert not any(text in told for text in ("Nédelec", "06 12", "Sourde"))
    assert "Nédelec" in words(device, OnSlip(ONE, "Thiérache", name="Zéphyrine Nédelec"))


def test_without_a_procedure_nothing_is_asked_for_and_each_paper_has_its_page(device: Session) -> None:
    bare = OnSlip(Appointment(new_id(), "2026-12-08", "09:00", 30, "02361", name="X"), "")
    sheets = [slip_of(bare, device.reference, paper) for paper in PAPERS]
    assert [sheet.paper for sheet in sheets] == list(PAPERS)
    assert "À apporter" not in sheets[0].in_words()
    assert b"Votre rendez-vous" in as_html(sheets[0])
