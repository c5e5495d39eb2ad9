"""A sheet on paper: pages of the right size, nothing cut, nothing left out, on A4, A5 and a roll."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, QSizeF
from PySide6.QtGui import QColor, QImage, QPageLayout, QPageSize, QPainter, QPdfWriter, QTextDocument
from PySide6.QtWidgets import QApplication

from fsbus.core.papers import A4, A5, ROLL_80, Paper
from fsbus.core.sheets import Boxes, Part, Sheet, Step
from fsbus.desktop import sheet_drawing
from fsbus.desktop.report_drawing import load_font
from fsbus.desktop.sheet_pdf import RESOLUTION, as_pdf
from fsbus.desktop.sheet_text import SheetText
from tests.core.test_sheets import NAUGHTY

pytestmark = pytest.mark.usefixtures("qapp")
POINT = 25.4 / 72


def sheet(paper: Paper, count: int = 1, text: str = "Réponse donnée.", answer: int = 1) -> Sheet:
    parts = tuple(
        Part(
            f"Démarche {number}",
            facts=(("Organisme", "CNAV"), ("Réponse", " ".join([text] * answer))),
            steps=(Step("Une règle."),),
            boxes=(Boxes("À apporter :", (f"pièce {number}", text)),),
            signatures=("La personne", "Le conseiller") if number == count else (),
        )
        for number in range(1, count + 1)
    )
    return Sheet("Votre reçu", "Mardi 24 novembre 2026", parts, "Vos données.", paper)


def sizes(pdf: bytes) -> list[tuple[float, float]]:
    """Width and height of each page, in mm."""
    boxes = re.findall(rb"/MediaBox \[\s*0 0 ([\d.]+) ([\d.]+)", pdf)
    pages = len(re.findall(rb"/Type /Page\b(?!s)", pdf))
    assert pages
    assert len(boxes) in (1, pages)
    found = [(float(width) * POINT, float(height) * POINT) for width, height in boxes]
    return found * pages if len(found) == 1 else found


def lines(drawn: Sheet, monkeypatch: pytest.MonkeyPatch) -> list[list[tuple[float, float, str]]]:
    """Top, bottom (of the page's height) and text of every line that is drawn on each page."""
    pages: list[list[tuple[float, float, str]]] = []
    was = sheet_drawing._draw_page

    def keep(painter: QPainter, document: QTextDocument, page: int) -> None:
        height, found = document.pageSize().height(), []
        block = document.begin()
        while block.isValid():
            top = document.documentLayout().blockBoundingRect(block).top()
            for number in range(block.layout().lineCount()):
                line = block.layout().lineAt(number)
                rect = line.rect().translated(0, top)
                if int(rect.center().y() // height) == page:
                    words = block.text()[line.textStart() : line.textStart() + line.textLength()]
                    found.append((rect.top() / height - page, rect.bottom() / height - page, words.strip()))
            block = block.next()
        pages.append(found)
        was(painter, document, page)

    monkeypatch.setattr(sheet_drawing, "_draw_page", keep)
    as_pdf(drawn)
    return pages


@pytest.mark.parametrize("paper", [A4, A5], ids=lambda paper: paper.code)
def test_pages_have_the_size_of_their_paper(paper: Paper) -> None:
    one, many = (sizes(as_pdf(sheet(paper, count))) for count in (1, 20))
    assert len(one) == 1
    assert 2 <= len(many) <= 20
    for width, height in one + many:
        assert abs(width - paper.width) < 1
        assert abs(height - (paper.height or 0)) < 1


def test_a_roll_is_as_long_as_its_text_and_never_wider_than_long() -> None:
    [short], [long] = (sizes(as_pdf(sheet(ROLL_80, count))) for count in (1, 12))
    assert abs(short[0] - 80) < 1
    assert abs(long[0] - 80) < 1
    assert 80 < short[1] < 140
    assert short[1] * 4 < long[1] < short[1] * 12


def test_what_no_page_can_hold_goes_on_on_a_second_roll() -> None:
    found = sizes(as_pdf(sheet(ROLL_80, 30, "x" * 1_000, answer=2)))
    assert len(found) >= 2
    assert all(height < 5_000 for _, height in found)


@pytest.mark.parametrize("paper", [A4, A5, ROLL_80], ids=lambda paper: paper.code)
@pytest.mark.parametrize("text", NAUGHTY, ids=range(len(NAUGHTY)))
def test_hostile_texts_are_drawn_as_texts(paper: Paper, text: str) -> None:
    content = as_pdf(sheet(paper, 1, text))
    assert content.startswith(b"%PDF-1.")
    for active in (b"/URI", b"/JavaScript", b"/Launch", b"/EmbeddedFile"):
        assert active not in content


@pytest.mark.parametrize("answer", [1, 40, 120])
def test_nothing_is_left_out_or_cut_over_many_pages(answer: int, monkeypatch: pytest.MonkeyPatch) -> None:
    count = 9
    pages = lines(sheet(A5, count, answer=answer), monkeypatch)
    assert len(pages) > 2
    texts = [text for page in pages for _, _, text in page]
    for number in range(1, count + 1):
        assert texts.count(f"Démarche {number}") == 1
        assert texts.count(f"\ufffc\u2002pièce {number}") == 1
    joined = " ".join(texts)
    assert joined.count("Réponse donnée.") == count * (answer + 1)
    assert joined.count("Organisme") == count
    for page in pages:
        assert all(top > -0.001 and bottom < 1.001 for top, bottom, _ in page)


def test_no_page_ends_with_a_heading_and_a_short_part_is_on_one_page(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = lines(sheet(A5, 14), monkeypatch)
    assert len(pages) > 2
    for page in pages:
        last = max((line for line in page if line[2]), key=lambda line: line[0])[2]
        assert not last.startswith(("Démarche", "À apporter"))
        inside = [text for _, _, text in page]
        for number in range(1, 15):
            assert (f"Démarche {number}" in inside) == (f"\ufffc\u2002pièce {number}" in inside)


@pytest.mark.parametrize("paper", [A4, A5, ROLL_80], ids=lambda paper: paper.code)
def test_a_worker_draws_the_same_pages_without_a_word_of_qt(paper: Paper) -> None:
    drawn = sheet(paper, 8, answer=60)
    with ThreadPoolExecutor(1) as worker:
        there = worker.submit(as_pdf, drawn).result()
    assert sizes(there) == sizes(as_pdf(drawn))


def test_another_paper_chosen_at_the_printer_is_filled_without_stretching() -> None:
    load_font()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(RESOLUTION)
    drawn = sheet(A5, 6)
    sheet_drawing.fit(drawn, writer)
    on_a5 = len(sizes(as_pdf(drawn)))
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QSizeF(300, 400), QPageSize.Unit.Millimeter),
            QPageLayout.Orientation.Portrait,
            QMarginsF(10, 10, 10, 10),
            QPageLayout.Unit.Millimeter,
        )
    )
    assert sheet_drawing.draw(drawn, writer) < on_a5
    [(width, _)] = set(sizes(bytes(buffer.data().data())))
    assert abs(width - 300) < 1


def test_the_boxes_to_tick_leave_ink_beside_their_words(qapp: QApplication) -> None:
    load_font()
    image = QImage(800, 800, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    document = QTextDocument()
    document.setDocumentMargin(0)
    text = SheetText(document, A5, image.logicalDpiY() / 72)
    text.write(Sheet("T", "", (Part("H", boxes=(Boxes("À apporter", ("",)),)),), ""))
    document.setPageSize(QSizeF(800, 800))
    box = document.findBlock(text.placed[0].end)
    rect = document.documentLayout().blockBoundingRect(box)
    painter = QPainter(image)
    document.drawContents(painter, QRectF(0, 0, 800, 800))
    painter.end()
    row = int(rect.center().y())
    dark = [x for x in range(0, 30) if image.pixelColor(x, row).lightness() < 160]
    assert dark
    assert dark[0] < dark[-1] - 4
    assert len(dark) < dark[-1] - dark[0]
