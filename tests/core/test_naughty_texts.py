"""The Big List of Naughty Strings in every text field of every kind: kept as typed, or refused."""

import csv
import io

import openpyxl
import pytest

from fsbus.actions.report_formats.csv_format import as_csv, leads_formula
from fsbus.actions.report_formats.html_format import as_html
from fsbus.actions.report_formats.xlsx_format import as_xlsx
from fsbus.core.anonymity import anonymous
from fsbus.core.entities import ENTITIES
from fsbus.core.fields import Text
from fsbus.core.month_figures import one_line
from tests.actions.test_report_formats import Page
from tests.month_samples import hostile_month
from tests.naughty.texts import KINDS, LIST, OURS, TEXTS, text_fields


def test_the_list_is_whole() -> None:
    assert len(LIST) == 485
    assert {kind: len(list(text_fields(kind))) for kind in KINDS}["procedure_record"] >= 8
    assert all(list(text_fields(kind)) for kind in KINDS if "note" in ENTITIES[kind].fields)


@pytest.mark.parametrize("kind", KINDS)
def test_each_field_keeps_each_text_as_typed_or_says_why_not(kind: str) -> None:
    refused = set[str]()
    for path, field in text_fields(kind):
        for text in TEXTS:
            problems: dict[str, str] = {}
            kept = field.read(text, "x", problems)
            why = problems.get("x")
            assert kept == text or why, path
            if type(field) is not Text:
                continue  # a text with a form of its own, a rule of days: nearly all are refused
            if len(text) > field.longest:
                assert why is not None
                assert str(field.longest) in why
            elif field.required and not text.strip():
                assert why == "À remplir."
            elif why is not None:
                refused.add(text)
                assert text not in why or len(text) < 20
    # Of the 485, escape sequences of a terminal alone may not be kept.
    assert len(refused & set(LIST)) <= 3
    assert not refused & set(OURS)


@pytest.mark.parametrize("part", range(3))
def test_the_files_of_a_report_take_nothing_for_a_formula_or_for_markup(part: int) -> None:
    """One report with a part of the list each run of this; the whole product is made by torture."""
    _check_report(OURS[-1] if part == 0 else "\u2066".join(LIST[part::3]))
    for text in LIST[part * 7 :: 61]:
        _check_report(text)


@pytest.mark.torture
def test_the_files_of_a_report_with_each_text_alone() -> None:
    for text in TEXTS:
        _check_report(text)


def _check_report(text: str) -> None:
    report = anonymous(hostile_month(text))
    lines = list(csv.reader(io.StringIO(as_csv(report).decode("utf-8-sig"), newline=""), delimiter=";"))
    assert not [cell for line in lines for cell in line if leads_formula(cell)]
    page = Page(as_html(report))
    assert "script" not in {tag for tag, _ in page.elements}
    assert not one_line(text) or one_line(text) in page.texts
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(report)), read_only=False)
    cells = [cell for sheet in book.worksheets for line in sheet.iter_rows() for cell in line]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not [cell for cell in cells if cell.hyperlink is not None]
