"""Each file says the same figures, masked, and nothing in it can be taken for a formula or for markup."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsbus.actions.report_formats.csv_format import as_csv, harmless, leads_formula
from fsbus.actions.report_formats.html_format import as_html
from fsbus.actions.report_formats.json_format import as_json
from fsbus.actions.report_formats.xlsx_format import as_xlsx
from fsbus.core.anonymity import MASKED, anonymous
from fsbus.core.month_figures import MonthReport, one_line
from tests.month_samples import HOSTILE, busy_month, hostile_month

TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
VOID = {"meta", "rect", "line", "br"}


def csv_lines(report: MonthReport) -> list[list[str]]:
    return list(csv.reader(io.StringIO(as_csv(report).decode("utf-8-sig"), newline=""), delimiter=";"))


def expected_cells(report: MonthReport) -> list[tuple[str, str, str]]:
    return [
        (table.title, row.label, MASKED if row.count is None else str(row.count))
        for table in report.tables
        for row in table.rows
    ]


class Page(HTMLParser):
    """The elements of a page with their attributes, and its texts; fails on tags that do not match."""

    def __init__(self, page: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.declarations: list[str] = []
        self._open: list[str] = []
        self.feed(page.decode())
        self.close()
        assert self._open == []

    def handle_decl(self, decl: str) -> None:
        self.declarations.append(decl)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_csv_opens_in_a_french_spreadsheet_with_every_row_of_every_table() -> None:
    report = anonymous(busy_month())
    assert as_csv(report).startswith(b'\xef\xbb\xbf"rubrique";"code";')
    lines = csv_lines(report)
    assert {len(line) for line in lines} == {5}
    titles = {table.title for table in report.tables}
    assert [(line[0], line[2], line[3]) for line in lines if line[0] in titles] == expected_cells(report)
    figures = {line[1]: line[3:] for line in lines if line[0] == "Ensemble"}
    assert figures["visits"] == [str(report.totals.visits), ""]
    assert figures["resolved"] == [str(report.totals.resolved), "59,89"]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_csv_cell_starts_with_a_formula(hostile: str) -> None:
    for line in csv_lines(anonymous(hostile_month(hostile))):
        for cell in line:
            assert not cell.lstrip(" \u200b\ufeff\u00a0").startswith(TRIGGERS)


@given(st.text())
def test_what_was_made_harmless_keeps_its_text_and_leads_no_formula(text: str) -> None:
    made = harmless(text)
    assert made.removeprefix("'") == text.removeprefix("'")
    assert not leads_formula(made)
    assert not made.startswith(TRIGGERS)


def test_an_ordinary_label_is_left_as_it_is() -> None:
    assert harmless("Saint-Michel (02830) – l’arrêt") == "Saint-Michel (02830) – l’arrêt"


def test_json_says_the_report_and_that_it_is_masked() -> None:
    report = anonymous(busy_month())
    found = json.loads(as_json(report))
    assert found == json.loads(json.dumps(report.as_json()))
    assert (found["format"], found["month"], found["masked"]) == ("fsbus.month_report/1", "2026-11", True)
    assert [row["count"] for table in found["tables"] for row in table["rows"]].count(None) >= 2


def test_xlsx_has_one_sheet_per_table_with_the_same_figures() -> None:
    report = anonymous(busy_month())
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(report)))
    assert book.sheetnames[0] == "Synthèse"
    assert len(book.sheetnames) == 1 + len(report.tables)
    for table, sheet in zip(report.tables, book.worksheets[1:], strict=True):
        cells = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=2, max_col=4)]
        assert [(label, count) for _code, label, count, _share in cells] == [
            (row.label, MASKED if row.count is None else row.count) for row in table.rows
        ]


def test_every_sheet_with_figures_has_its_native_chart() -> None:
    import zipfile

    report = anonymous(busy_month())
    with zipfile.ZipFile(io.BytesIO(as_xlsx(report))) as parts:
        charts = [parts.read(name).decode() for name in parts.namelist() if "/charts/chart" in name]
    filled = [table for table in report.tables if any(row.count for row in table.rows)]
    assert len(charts) == len(filled)
    assert all("<c:barChart>" in chart for chart in charts)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_xlsx_cell_is_a_formula_or_a_link_whatever_the_names(hostile: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(anonymous(hostile_month(hostile)))))
    label = one_line(hostile)
    seen = 0
    for sheet in book.worksheets:
        for line in sheet.iter_rows():
            for cell in line:
                assert cell.data_type in {"s", "n"}
                assert cell.hyperlink is None
                if cell.value is not None and cell.data_type == "s" and leads_formula(str(cell.value)):
                    assert cell.quotePrefix
                seen += cell.value == label
    assert seen >= 5 or not label


def test_the_page_is_whole_accessible_and_asks_for_nothing() -> None:
    report = anonymous(busy_month())
    page = Page(as_html(report))
    assert page.declarations == ["DOCTYPE html"]
    assert page.named("html") == [{"lang": "fr"}]
    assert [len(page.named(tag)) for tag in ("title", "h1", "header", "main", "footer", "nav")] == [1] * 6
    tables = len(page.named("table"))
    assert tables == len(report.tables)
    assert len(page.named("caption")) == tables
    assert {cell.get("scope") for cell in page.named("th")} == {"col", "row"}
    assert len(page.named("svg")) == 1 + sum(
        len(table.rows) for table in report.tables if table.name != "day"
    )
    assert all(drawing.get("aria-hidden") == "true" for drawing in page.named("svg"))
    policy = next(meta for meta in page.named("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert str(policy["content"]).startswith("default-src 'none'; style-src 'sha256-")
    names = {tag for tag, _ in page.elements}
    assert not names & {"script", "img", "link", "iframe", "object", "form", "base"}
    for _tag, attributes in page.elements:
        assert not {"style", "src", "onclick", "onload"} & set(attributes)
        assert attributes.get("href") is None or str(attributes["href"]).startswith("#")
    identifiers = [str(attributes["id"]) for _, attributes in page.elements if "id" in attributes]
    assert len(set(identifiers)) == len(identifiers)
    assert {str(link["href"])[1:] for link in page.named("a")} <= set(identifiers)


def test_the_style_is_the_one_that_the_policy_allows() -> None:
    import base64
    import hashlib

    page = as_html(anonymous(busy_month())).decode()
    style = re.search("<style>(.*?)</style>", page, re.DOTALL)
    allowed = re.search("style-src 'sha256-([^']+)'", page)
    assert style is not None
    assert allowed is not None
    assert base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode() == allowed[1]
    assert "prefers-color-scheme: dark" in style[1]
    assert "@media print" in style[1]


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_texts_and_bars_can_be_told_from_their_ground_in_light_dark_and_print() -> None:
    page = as_html(anonymous(busy_month())).decode()
    palettes = [
        dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block))
        for block in re.findall(r":root \{(.*?)\}", page, re.DOTALL)
    ]
    assert len(palettes) == 3
    for palette in palettes:
        for ground in ("page", "surface"):
            assert all(contrast(palette[ink], palette[ground]) >= 4.5 for ink in ("ink", "muted", "accent"))
            assert contrast(palette["bar"], palette[ground]) >= 3


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_stay_text_in_the_page(hostile: str) -> None:
    plain, attacked = (Page(as_html(anonymous(hostile_month(text)))) for text in ("abc", hostile))
    assert [tag for tag, _ in attacked.elements] == [tag for tag, _ in plain.elements]
    assert [set(attributes) for _, attributes in attacked.elements] == [
        set(attributes) for _, attributes in plain.elements
    ]
    assert one_line(hostile) in attacked.texts


@settings(max_examples=30)
@given(st.text(max_size=40))
def test_any_name_gives_the_same_elements_and_every_format_can_be_written(text: str) -> None:
    report = anonymous(hostile_month(text))
    page = Page(as_html(report))
    assert "script" not in {tag for tag, _ in page.elements}
    assert json.loads(as_json(report))["bus"] == one_line(text)
    assert len(csv_lines(report)) > 50
    openpyxl.load_workbook(io.BytesIO(as_xlsx(report)), read_only=True).close()


@pytest.mark.parametrize("write", [as_csv, as_html, as_json])
def test_the_same_report_gives_the_same_bytes(write: object) -> None:
    assert callable(write)
    assert write(anonymous(busy_month())) == write(anonymous(busy_month()))


@pytest.mark.parametrize("month", ["2026-02", "2024-02", "9999-12", "2026-03"])
def test_an_empty_month_can_be_written_in_every_format(month: str) -> None:
    from datetime import date

    from fsbus.core.reports import Names, month_report

    report = anonymous(month_report(month, [], [], names=Names(), bus="", generated_on=date(2026, 12, 1)))
    Page(as_html(report))
    assert as_csv(report)
    assert as_json(report)
    assert as_xlsx(report)
