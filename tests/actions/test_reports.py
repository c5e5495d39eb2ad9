"""The month's report as a laptop draws it up from its store, and its file, whole or not at all."""

import csv
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fsbus.actions import plain_records
from fsbus.actions.reports import month_report_of, replace_file, write_report
from fsbus.actions.session import Session, create_device
from fsbus.actions.visits import amend, erase_visit, record_visit
from fsbus.core.clock import Clock
from fsbus.core.entities import ATTENDANCE, PROCEDURE_RECORD, WORKSHOP
from fsbus.core.errors import InvalidInput, StoreUnavailable
from fsbus.core.ids import Ids
from fsbus.core.reports import TOPIC
from fsbus.store import queries
from tests.builders import plain_draft
from tests.month_samples import busy_month

SECRET = "Rendez-vous de Madame Zzyzx mardi"


def now() -> datetime:
    return datetime(2026, 12, 1, 12, tzinfo=UTC)


def draft(day: str, **changes: object) -> dict[str, object]:
    return {
        "started_at": f"{day}T09:20:00+01:00",
        "minutes": 20,
        "channel": "walk_in",
        "stop_commune": "02361",
        "resident_commune": "02408",
        "age_band": "60_69",
        "gender": "female",
        "first_visit": True,
        "satisfaction": 3,
        "note": SECRET,
        "procedures": [
            {"procedure": "FT-CNI-1", "nature": "file_assistance", "mode": "assisted", "outcome": "resolved"},
            {
                "procedure": "CNAV-DEM",
                "nature": "information",
                "mode": "assisted",
                "outcome": "referred",
                "precise_answer": SECRET,
                "blockers": ["incomplete_file"],
                "referral": {"partner": "CNAV", "contact": SECRET},
            },
        ],
        **changes,
    }


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    home = tmp_path_factory.mktemp("laptop") / "home"
    with create_device(
        home,
        "brume tamis orge velours quai lampe",
        bus="Bus de Thiérache",
        agent_name="Agent de test",
        clock=Clock(now),
        ids=Ids(now),
    ) as session:
        # The last and first moments of two months, in local time: the day decides, not UTC.
        record_visit(session, draft("2026-10-31"))
        for _ in range(6):
            record_visit(session, draft("2026-11-01"))
        record_visit(session, draft("2026-11-30", resident_commune="02738", gender="male"))
        record_visit(session, draft("2026-12-01"))
        yield session


def test_a_month_counts_its_own_visits_and_their_procedures(laptop: Session) -> None:
    report = month_report_of(laptop, "2026-11", threshold=0)
    totals = report.totals
    assert (report.bus, report.generated_on, report.masked) == ("Bus de Thiérache", "2026-12-01", False)
    assert (totals.visits, totals.records, totals.minutes, totals.mean_minutes) == (7, 14, 140, 20.0)
    assert (totals.first_visits, totals.days_open, totals.stops) == (7, 2, 1)
    assert (totals.resolved, totals.to_answer, totals.answered) == (7, 7, 7)
    assert [(row.code, row.label, row.count) for row in report.table("stop_commune").rows] == [
        ("02361", "Guise", 7)
    ]
    assert {row.code: row.count for row in report.table("resident_commune").rows} == {"02408": 6, "02738": 1}
    procedures = {row.code: row.label for row in report.table("procedure").rows}
    assert procedures["FT-CNI-1"] == "Carte d’identité (majeur) : première demande"
    assert {row.code: row.count for row in report.table("blocker").rows}["incomplete_file"] == 7
    topics = {row.code: row.count for row in report.table("topic").rows if row.count}
    assert topics == {"papiers_elections_citoyennete": 7, "travail_formation": 7}
    partners = {row.code: row.label for row in report.table("partner").rows}
    catalog = laptop.reference.catalog()
    assert len(partners) == 2
    assert partners == {code: catalog.partner_label(code) for code in partners}


def test_every_topic_of_the_catalogue_has_its_french_label(laptop: Session) -> None:
    topics = {procedure.topic for procedure in laptop.reference.catalog().procedures}
    assert topics
    assert topics <= set(TOPIC)


def test_what_is_asked_without_more_is_masked(laptop: Session) -> None:
    report = month_report_of(laptop, "2026-11")
    assert (report.masked, report.threshold) == (True, 5)
    assert {row.label: row.count for row in report.table("resident_commune").rows} == {"Autres communes": 7}
    assert {row.code: row.count for row in report.table("gender").rows} == {
        "female": None,
        "male": None,
        "undisclosed": 0,
    }


@pytest.mark.parametrize("kind", ["csv", "html", "json", "xlsx"])
def test_no_free_text_and_no_id_reaches_a_file(laptop: Session, kind: str, tmp_path: Path) -> None:
    path = write_report(month_report_of(laptop, "2026-11", threshold=0), kind, tmp_path / f"bilan.{kind}")
    content = path.read_bytes()
    if kind == "xlsx":
        import zipfile

        with zipfile.ZipFile(path) as parts:
            content = b"".join(parts.read(name) for name in parts.namelist())
    assert "Bus de Thiérache".encode() in content
    assert b"Zzyzx" not in content
    for visit, handled in queries.visits_between(laptop.store.db, "2026-11-01", "2026-11-30"):
        for identifier in (visit.id, visit.agent_id, *(record.id for record in handled)):
            assert identifier.encode() not in content
    # Written for others: masked although the report was whole.
    assert b"Tergnier" not in content
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_an_answer_taken_away_is_no_longer_counted_and_an_erased_visit_neither(laptop: Session) -> None:
    visit = record_visit(laptop, draft("2026-09-15"))
    (_, handled) = next(iter(queries.visits_between(laptop.store.db, "2026-09-01", "2026-09-30")))
    resolved = next(record for record in handled if record.outcome == "resolved")
    amend(laptop, PROCEDURE_RECORD, resolved.id, {"outcome": "abandoned"})
    totals = month_report_of(laptop, "2026-09").totals
    assert (totals.visits, totals.resolved, totals.to_answer, totals.answered) == (1, 0, 1, 1)
    erase_visit(laptop, visit.id)
    totals = month_report_of(laptop, "2026-09").totals
    assert (totals.visits, totals.records, totals.minutes) == (0, 0, 0)


@pytest.mark.parametrize("month", ["2026-13", "novembre", "2026-11'; DROP TABLE visits"])
def test_a_month_that_cannot_be_read_is_named(laptop: Session, month: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        month_report_of(laptop, month)
    assert list(refused.value.problems) == ["month"]


def test_another_format_is_refused_by_name_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        write_report(busy_month(), "docx", tmp_path / "bilan.docx")
    assert list(refused.value.problems) == ["format"]
    assert list(tmp_path.iterdir()) == []


def test_a_report_replaces_the_one_before_whole(tmp_path: Path) -> None:
    path = tmp_path / "bilan.json"
    path.write_text("ancien bilan, plus long " * 10_000)
    assert write_report(busy_month(), "json", path) == path
    assert json.loads(path.read_bytes())["totals"]["visits"] == busy_month().totals.visits
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_told_in_french(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="vérifiez que ce dossier existe"):
        write_report(busy_month(), "csv", tmp_path / "absent" / "bilan.csv")


def test_a_folder_is_never_replaced_by_a_file(tmp_path: Path) -> None:
    target = tmp_path / "bilan.csv"
    target.mkdir()
    with pytest.raises(InvalidInput, match="nom de fichier"):
        replace_file(target, b"content")
    assert target.is_dir()
    assert [file.name for file in tmp_path.iterdir()] == ["bilan.csv"]


def test_a_threshold_may_be_raised(tmp_path: Path) -> None:
    path = write_report(busy_month(), "csv", tmp_path / "bilan.csv", threshold=30)
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file, delimiter=";"))
    genders = {line[1]: line[3] for line in lines if line[0] == "Genre"}
    assert genders["male"] == "masqué"
    assert ["Bilan", "threshold", "Effectifs masqués au-dessous de (0 : aucun)", "30", ""] in lines


def test_the_cold_start_does_not_load_the_spreadsheet_library() -> None:
    import subprocess

    script = "import sys, fsbus.actions.reports; sys.exit('xlsxwriter' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0


def test_workshops_and_the_queue_are_counted_and_what_was_removed_is_not(device: Session) -> None:
    plain_records.create(device, WORKSHOP, plain_draft(WORKSHOP, note=SECRET, course=SECRET))
    plain_records.create(device, WORKSHOP, plain_draft(WORKSHOP, day="2026-12-01"))
    removed = plain_records.create(device, WORKSHOP, plain_draft(WORKSHOP))
    plain_records.remove(device, WORKSHOP, removed)
    plain_records.create(device, ATTENDANCE, plain_draft(ATTENDANCE))
    plain_records.create(device, ATTENDANCE, plain_draft(ATTENDANCE, day="2026-10-31"))
    report = month_report_of(device, "2026-11", threshold=0)
    totals = report.totals
    assert (totals.workshops, totals.participants, totals.workshop_minutes) == (1, 6, 90)
    assert (totals.arrived, totals.received, totals.gave_up, totals.mean_wait) == (12, 9, 2, 10.7)
    topics = {row.code: row.count for row in report.table("workshop_topics").rows if row.count}
    assert topics == {"email": 1, "security": 1}
    assert {row.code: row.count for row in report.table("workshop_statuses").rows if row.count} == {
        "retired": 5,
        "undisclosed": 1,
    }
    masked = month_report_of(device, "2026-11")
    assert [row.code for row in masked.table("workshop_statuses").rows if row.count is None] == [
        "retired",
        "undisclosed",
    ]
    assert SECRET not in json.dumps(report.as_json(), ensure_ascii=False)
