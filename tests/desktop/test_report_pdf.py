"""The printed report: A4 pages, numbered, whose text can be searched, drawn without a screen."""

import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter

from fsbus.core.anonymity import anonymous
from fsbus.core.errors import StoreUnavailable
from fsbus.core.month_figures import MonthReport
from fsbus.core.reports import Names, month_report
from fsbus.desktop.report_drawing import Ink, Sheet, draw_report, load_font
from fsbus.desktop.report_pdf import as_pdf, write_pdf
from tests.month_samples import HOSTILE, busy_month, hostile_month

pytestmark = pytest.mark.usefixtures("qapp")


def page_count(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b(?!s)", pdf))


def letters(pdf: bytes) -> set[str]:
    """The characters that a reader finds when it searches the text (the ToUnicode maps of the fonts)."""
    found: set[str] = set()
    for part in re.findall(rb"begincmap(.*?)endcmap", pdf, re.DOTALL):
        for first, last, start in re.findall(
            rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]{4})>", part
        ):
            found |= {chr(int(start, 16) + step) for step in range(int(last, 16) - int(first, 16) + 1)}
        for run in re.findall(rb"\[((?:\s*<[0-9A-Fa-f]+>)+)\s*\]", part):
            found |= {chr(int(code[:4], 16)) for code in re.findall(rb"<([0-9A-Fa-f]+)>", run)}
    return found


def empty_month() -> MonthReport:
    return month_report("2026-02", [], [], names=Names(), bus="", generated_on=date(2026, 3, 1))


class Recorder(Sheet):
    """A sheet that also keeps each text with its box, page by page."""

    def __init__(self, report: MonthReport) -> None:
        self.image = QImage(1240, 1754, QImage.Format.Format_RGB32)
        self.image.setDotsPerMeterX(5906)
        self.image.setDotsPerMeterY(5906)
        self.image.fill(QColor("white"))
        self.written: list[tuple[int, float, float, str]] = []
        self.painter = QPainter(self.image)
        self.pages_turned = 0
        self.page = 1
        super().__init__(self.painter, self._turn, QRectF(0, 0, 1039, 1594), 150, 9, report)

    def _turn(self) -> bool:
        self.pages_turned += 1
        self.image.fill(QColor("white"))
        return True

    def text(self, x: float, y: float, width: float, text: str, ink: Ink, *align: object) -> float:
        height = super().text(x, y, width, text, ink, *align)  # type: ignore[arg-type]  # passed on as it came
        self.written.append((self.page, y, y + height, text))
        return height


def recorded(report: MonthReport) -> Recorder:
    load_font()
    sheet = Recorder(report)
    draw_report(sheet, report)
    sheet.painter.end()
    return sheet


def test_the_report_is_a_few_a4_pages_with_searchable_text_and_its_font_inside(tmp_path: Path) -> None:
    path = write_pdf(busy_month(), tmp_path / "bilan.pdf")
    content = path.read_bytes()
    assert content.startswith(b"%PDF-1.")
    assert content.rstrip().endswith(b"%%EOF")
    assert 4 <= page_count(content) <= 7
    assert 20_000 < len(content) < 300_000
    boxes = {tuple(map(float, box.split())) for box in re.findall(rb"/MediaBox \[([^\]]+)\]", content)}
    assert len(boxes) == 1
    assert all(abs(a - b) < 1 for a, b in zip(boxes.pop(), (0, 0, 595.3, 841.9), strict=True))
    assert "Bilan d’activité – novembre 2026".encode("utf-16-be") in content.replace(b"\\", b"")
    assert b"SourceSans3" in content
    assert content.count(b"/FontFile") >= 2
    assert set("Biland’activité–novembre2026DémarchesàÂÀ°%0123456789") <= letters(content)
    assert [file.name for file in tmp_path.iterdir()] == ["bilan.pdf"]


def test_every_row_of_every_table_is_written_once_and_inside_its_page() -> None:
    report = anonymous(busy_month())
    sheet = recorded(report)
    texts = [text for _page, _top, _bottom, text in sheet.written]
    for table in report.tables:
        if table.name != "day":
            assert table.title in texts
            for row in table.rows:
                assert row.label in texts
    assert sum(text == "masqué" for text in texts) == sum(
        row.count is None for table in report.tables for row in table.rows
    )
    assert all(top >= 0 and bottom <= sheet.height + 1 for _page, top, bottom, _text in sheet.written)
    body = [line for line in sheet.written if line[1] < sheet.height - 5]
    assert all(bottom <= sheet.bottom + 0.5 for _page, _top, bottom, _text in body)


def test_every_page_bears_its_number_and_the_number_of_pages() -> None:
    sheet = recorded(anonymous(busy_month()))
    assert sheet.page == sheet.pages_turned + 1 >= 4
    numbers = [text for _page, _top, _bottom, text in sheet.written if text.startswith("Page ")]
    assert numbers == [f"Page {number} sur 9" for number in range(1, sheet.page + 1)]


def test_what_is_written_is_masked_although_the_report_was_whole(tmp_path: Path) -> None:
    whole = busy_month()
    masked = write_pdf(whole, tmp_path / "a.pdf").read_bytes()
    assert len(masked) != len(as_pdf(whole))
    assert page_count(masked) == page_count(as_pdf(anonymous(whole)))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_are_drawn_as_they_are(hostile: str) -> None:
    content = as_pdf(anonymous(hostile_month(hostile)))
    assert page_count(content) >= 3
    assert b"/URI" not in content
    assert b"/JavaScript" not in content


def test_an_empty_month_is_drawn_too() -> None:
    sheet = recorded(anonymous(empty_month()))
    assert "0" in [text for _page, _top, _bottom, text in sheet.written]
    assert page_count(as_pdf(anonymous(empty_month()))) >= 3


def test_the_drawing_leaves_ink_on_the_page() -> None:
    sheet = recorded(anonymous(busy_month()))
    colours = {sheet.image.pixelColor(x, y).name() for x in range(0, 1240, 7) for y in range(0, 1754, 7)}
    assert "#ffffff" in colours
    assert len(colours) > 3


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        write_pdf(busy_month(), tmp_path / "absent" / "bilan.pdf")


def test_a_command_without_any_application_draws_the_same_pages(tmp_path: Path) -> None:
    path = tmp_path / "bilan.pdf"
    script = (
        "import sys, pathlib\n"
        "from tests.month_samples import busy_month\n"
        "from fsbus.desktop.report_pdf import write_pdf\n"
        "write_pdf(busy_month(), pathlib.Path(sys.argv[1]))\n"
    )
    root = Path(__file__).resolve().parents[2]
    ended = subprocess.run(
        [sys.executable, "-c", script, str(path)], cwd=root, capture_output=True, text=True
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert page_count(path.read_bytes()) == page_count(as_pdf(anonymous(busy_month())))
    assert QGuiApplication.instance() is not None
