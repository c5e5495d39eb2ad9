"""The month's counts: complete, consistent, and never recoverable once masked."""

import json
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.core import codes
from fsbus.core.anonymity import OTHERS, anonymous
from fsbus.core.catalog import Catalog, Partner, Procedure
from fsbus.core.errors import InvalidInput
from fsbus.core.month_figures import RECORDS, VISITS, MonthReport, Row, Table, one_line
from fsbus.core.reports import Names, RecordFact, VisitFact, month_days, month_report

COMMUNES = ["02361", "02408", "2A004", "97411", "59606"]
NAMES = Names(
    commune={"02361": "Guise", "02408": "Laon", "2A004": "Ajaccio"}.get,
    procedure={"FT-CNI-1": "Carte d’identité (majeur) : première demande"}.get,
    partner={"CNAV": "Assurance retraite"}.get,
    topic={"FT-CNI-1": "papiers_elections_citoyennete", "CNAV-DEM": "social_sante"}.get,
)

visit_facts = st.builds(
    VisitFact,
    visit_id=st.just("v"),
    visited_on=st.integers(1, 30).map(lambda day: f"2026-11-{day:02d}"),
    stop_commune=st.none() | st.sampled_from(COMMUNES),
    resident_commune=st.none() | st.sampled_from(COMMUNES),
    channel=st.sampled_from([*codes.CHANNEL, "pigeon"]),
    minutes=st.integers(1, 1439),
    age_band=st.sampled_from(list(codes.AGE_BAND)),
    gender=st.sampled_from(list(codes.GENDER)),
    first_visit=st.none() | st.booleans(),
    autonomy=st.none() | st.sampled_from(list(codes.AUTONOMY)),
    satisfaction=st.none() | st.integers(1, 3),
)
record_facts = st.builds(
    RecordFact,
    visit_id=st.just("v"),
    procedure=st.sampled_from(["FT-CNI-1", "CNAV-DEM", "UNKNOWN"]),
    partner=st.sampled_from(["France Titres", "CNAV", ""]),
    nature=st.sampled_from(list(codes.NATURE)),
    mode=st.sampled_from(list(codes.MODE)),
    outcome=st.sampled_from(list(codes.OUTCOME)),
    blockers=st.lists(st.sampled_from(list(codes.BLOCKER)), max_size=3).map(tuple),
    answered=st.none() | st.booleans(),
)


def report_of(
    visits: Sequence[VisitFact], records: Sequence[RecordFact] = (), month: str = "2026-11"
) -> MonthReport:
    return month_report(
        month,
        iter(visits),
        iter(records),
        names=NAMES,
        bus="Bus Thiérache",
        generated_on=date(2026, 12, 1),
    )


def visit(**changes: object) -> VisitFact:
    fields: dict[str, object] = {
        "visit_id": "v",
        "visited_on": "2026-11-24",
        "stop_commune": "02361",
        "resident_commune": "02361",
        "channel": "walk_in",
        "minutes": 30,
        "age_band": "60_69",
        "gender": "female",
        "first_visit": None,
        "autonomy": None,
        "satisfaction": None,
    }
    return VisitFact(**{**fields, **changes})  # type: ignore[arg-type]  # a test builder of plain fields


def record(**changes: object) -> RecordFact:
    fields: dict[str, object] = {
        "visit_id": "v",
        "procedure": "FT-CNI-1",
        "partner": "France Titres",
        "nature": "information",
        "mode": "assisted",
        "outcome": "resolved",
    }
    return RecordFact(**{**fields, **changes})  # type: ignore[arg-type]  # a test builder of plain fields


def counts(table: Table) -> dict[str, int | None]:
    return {row.code: row.count for row in table.rows}


@given(st.lists(visit_facts, max_size=60), st.lists(record_facts, max_size=60))
def test_the_rows_of_every_partition_add_up_to_the_totals(
    visits: list[VisitFact], records: list[RecordFact]
) -> None:
    report = report_of(visits, records)
    assert report.totals.visits == len(visits)
    assert report.totals.records == len(records)
    assert report.totals.minutes == sum(fact.minutes for fact in visits)
    assert not report.masked
    for table in report.tables:
        assert table.total == {VISITS: len(visits), RECORDS: len(records)}[table.unit]
        shown = [row.count for row in table.rows if row.count is not None]
        assert len(shown) == len(table.rows)
        if table.partition:
            assert sum(shown) == table.total, table.name
        assert len({row.code for row in table.rows}) == len(table.rows)


@given(st.lists(visit_facts, max_size=60), st.integers(2, 11))
def test_no_masked_cell_can_be_worked_out_by_subtraction(visits: list[VisitFact], threshold: int) -> None:
    whole = report_of(visits)
    masked = anonymous(whole, threshold)
    for table in masked.tables:
        before = whole.table(table.name)
        hidden = [row for row in table.rows if row.count is None]
        shown = [row for row in table.rows if row.count is not None]
        if not table.personal:
            assert table == before
        elif table.name == "resident_commune":
            assert not hidden
            assert sum(row.count or 0 for row in table.rows) == table.total
            for row in shown:
                assert row.code in {"", OTHERS} or (row.count or 0) >= threshold
                # A lone small sum stands only where it says no more than the number of visits.
                if row.code == OTHERS:
                    in_communes = table.total - sum(other.count or 0 for other in shown if other.code == "")
                    assert (row.count or 0) >= threshold or row.count == in_communes
        else:
            assert all(row.count == 0 or (row.count or 0) >= threshold for row in shown)
            assert all(row.share is None for row in hidden)
            # What a reader can compute: the hidden sum, and that no hidden cell is less than `least`.
            zero_shown = any(row.count == 0 for row in shown)
            least = 1 if zero_shown else 0
            total = table.total - sum(row.count or 0 for row in shown)
            most = total - least * (len(hidden) - 1)
            assert not hidden or (len(hidden) >= 2 and most > least)
            # Each hidden cell may be anything up to the threshold, or the whole table is hidden.
            assert not hidden or most >= threshold or not shown
            # The truth itself is one of the possible readings, never an edge that gives it away alone.
            assert total == sum(counts(before)[row.code] or 0 for row in hidden)


@given(st.lists(visit_facts, max_size=40), st.lists(record_facts, max_size=20))
def test_masking_twice_changes_nothing_and_the_json_form_is_stable(
    visits: list[VisitFact], records: list[RecordFact]
) -> None:
    masked = anonymous(report_of(visits, records))
    assert anonymous(masked) is masked
    text = json.dumps(masked.as_json(), ensure_ascii=False)
    assert text == json.dumps(anonymous(report_of(visits, records)).as_json(), ensure_ascii=False)
    assert json.loads(text)["masked"] is True


def test_one_small_commune_takes_the_next_smallest_with_it() -> None:
    visits = (
        [visit() for _ in range(20)]
        + [visit(resident_commune="02408") for _ in range(6)]
        + [visit(resident_commune="2A004")]
        + [visit(resident_commune=None) for _ in range(3)]
    )
    table = anonymous(report_of(visits)).table("resident_commune")
    assert [(row.label, row.count) for row in table.rows] == [
        ("Guise", 20),
        ("Autres communes", 7),
        ("Non communiqué", 3),
    ]


def test_a_single_man_is_hidden_with_the_next_smallest_group() -> None:
    visits = [visit() for _ in range(9)] + [visit(gender="male")] + [visit(gender="undisclosed")] * 7
    assert counts(anonymous(report_of(visits)).table("gender")) == {
        "female": 9,
        "male": None,
        "undisclosed": None,
    }


def test_a_month_of_one_visit_tells_nothing_about_the_person() -> None:
    report = anonymous(report_of([visit(satisfaction=1)]))
    for table in report.tables:
        if table.personal and table.name != "resident_commune":
            assert {row.count for row in table.rows} == {None}
    assert counts(report.table("resident_commune")) == {OTHERS: 1}
    assert "Guise" not in [row.label for row in report.table("resident_commune").rows]


def test_masking_under_two_is_refused() -> None:
    with pytest.raises(ValueError, match="2 at least"):
        anonymous(report_of([visit()]), 1)


def test_a_masked_report_cannot_be_masked_more_loosely_then_more_tightly() -> None:
    with pytest.raises(ValueError, match="whole report"):
        anonymous(anonymous(report_of([visit()]), 5), 11)


def test_every_day_of_the_month_has_its_row_and_every_code_too() -> None:
    report = report_of([visit()])
    days = report.table("day").rows
    assert len(days) == 30
    assert (days[0].label, days[0].count) == ("dimanche 1er\u00a0novembre", 0)
    assert (days[23].label, days[23].count, days[23].share) == ("mardi 24\u00a0novembre", 1, 1.0)
    assert counts(report.table("channel")) == {code: int(code == "walk_in") for code in codes.CHANNEL}


def test_answers_are_counted_where_the_rule_asks_for_one() -> None:
    records = [
        record(),
        record(outcome="abandoned", answered=False),
        record(outcome="referred", answered=True),
        record(outcome="follow_up", answered=False),
        record(outcome="no_network"),
    ]
    totals = report_of([visit()], records).totals
    assert (totals.resolved, totals.share_resolved) == (1, 0.2)
    assert (totals.to_answer, totals.answered, totals.share_answered) == (3, 2, 0.6667)


def test_names_come_from_the_lists_and_an_unknown_code_stands_for_itself() -> None:
    report = report_of(
        [visit(stop_commune="97411"), visit(stop_commune=None), visit()],
        [record(), record(procedure="ZZ", partner="CNAV")],
    )
    assert [(row.label, row.count) for row in report.table("stop_commune").rows] == [
        ("97411", 1),
        ("Guise", 1),
        ("Non communiqué", 1),
    ]
    assert report.table("procedure").rows[0] == Row(
        "FT-CNI-1", "Carte d’identité (majeur) : première demande", 1, 0.5
    )
    assert {row.label for row in report.table("partner").rows} == {"Assurance retraite", "France Titres"}
    assert counts(report.table("topic"))["papiers_elections_citoyennete"] == 1
    assert counts(report.table("topic"))[""] == 1


def test_the_catalogue_gives_its_names() -> None:
    catalog = Catalog(
        (Procedure("CNAV-DEM", "Retraite : demande", "CNAV", topic="social_sante"),),
        (Partner("CNAV", "Assurance retraite (CNAV)", "Assurance retraite"),),
    )
    names = Names.of(catalog, {"02361": "Guise"}.get)
    assert (
        names.procedure("CNAV-DEM"),
        names.topic("CNAV-DEM"),
        names.partner("CNAV"),
        names.commune("02361"),
    ) == ("Retraite : demande", "social_sante", "Assurance retraite", "Guise")
    assert (names.procedure("ZZ"), names.topic("ZZ"), names.partner("ZZ"), names.commune("ZZ")) == (
        None,
        None,
        "ZZ",
        None,
    )


def test_a_blocker_said_twice_counts_once() -> None:
    report = report_of([visit()], [record(blockers=("other", "other")), record(blockers=("other", "none"))])
    table = report.table("blocker")
    assert (counts(table)["other"], counts(table)["none"], table.partition) == (2, 1, False)


def test_an_empty_month_has_no_share_and_no_mean() -> None:
    report = anonymous(report_of([]))
    assert (report.totals.mean_minutes, report.totals.share_resolved, report.totals.share_answered) == (
        None,
        None,
        None,
    )
    assert all(row.count == 0 for table in report.tables for row in table.rows)


def test_a_visit_of_another_month_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="is not of 2026-11"):
        report_of([visit(visited_on="2026-12-01")])


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-1", "2026-00", "11-2026", "0000-01", "2026-11-01", "", "２０２６-11"]
)
def test_a_month_that_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        month_days(text)
    assert list(refused.value.problems) == ["month"]


@pytest.mark.parametrize(
    ("month", "days"), [("2024-02", 29), ("2026-02", 28), ("2026-12", 31), ("9999-12", 31)]
)
def test_a_month_has_its_days(month: str, days: int) -> None:
    assert len(month_days(month)) == days


def test_labels_are_one_printable_line() -> None:
    assert one_line(" Bus\r\n\tde \x00la\u202e Thiérache\ud800 ") == "Bus de \ufffdla Thiérache\ufffd"
