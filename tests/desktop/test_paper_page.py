"""What a visit gives on paper, from its page: by keyboard, previewed, printed, written to files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest

from fsbus.actions import removing
from fsbus.actions.session import Session
from fsbus.actions.visits import erase_visit, record_visit
from fsbus.core.entities import PROCEDURE_RECORD, VISIT
from fsbus.core.sheets import Sheet
from fsbus.core.visit_sheets import DOCUMENTS, LABELS, MANDATE, RECEIPT
from fsbus.core.visits import Visit
from fsbus.desktop.paper.choice import PaperChoice
from fsbus.desktop.paper.jobs import PaperJobs
from fsbus.desktop.paper.papers import OneSheet, VisitPapers
from fsbus.desktop.paper.presenter import NO_PRINTER, NOT_PRINTED, PaperPresenter
from fsbus.desktop.paper.view import PaperView
from fsbus.store import queries
from tests.builders import draft, procedure_draft, referral_draft
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, focused, never, settle

NAME = "Zéphyrine Nédelec"
NIR = "1 85 05 78 006 084 91"
ON_BEHALF = procedure_draft(
    mode="on_behalf", mandate={"kind": "oral", "on": "2026-11-24", "reason": "Mains bandées."}
)


@dataclass
class Screen:
    """The page as the presenter sees it."""

    file: Path | None = None
    answer: bool = True
    printers: bool = True
    printed: int | None = 1
    chosen: PaperChoice = field(default_factory=lambda: PaperChoice("", ""))
    kinds: Mapping[str, str] = field(default_factory=dict)
    papers: Mapping[str, str] = field(default_factory=dict)
    drawn: list[Sheet] = field(default_factory=list)
    on_paper: list[Sheet] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    problem: str = ""
    named: bool = True

    def start(self, title: str, kinds: Mapping[str, str], *, named: bool = True) -> None:
        self.kinds, self.named = kinds, named
        self.chosen = PaperChoice(next(iter(kinds), ""), "")

    def show_papers(self, papers: Mapping[str, str]) -> None:
        self.papers = papers
        kept = self.chosen.paper if self.chosen.paper in papers else next(iter(papers))
        self.chosen = PaperChoice(self.chosen.kind, kept, self.chosen.name)

    def choice(self) -> PaperChoice:
        return self.chosen

    def show_sheet(self, sheet: Sheet) -> None:
        self.drawn.append(sheet)

    def show_name_problem(self, text: str) -> None:
        self.problem = text

    def has_printer(self) -> bool:
        return self.printers

    def print_sheet(self, sheet: Sheet) -> int | None:
        self.on_paper.append(sheet)
        return self.printed

    def ask_file(self, proposed: str) -> Path | None:
        self.asked.append(proposed)
        return self.file

    def confirm_replace(self, question: str, words: str) -> bool:
        self.asked.append(words)
        return self.answer

    def set_busy(self, busy: bool) -> None: ...

    def say(self, text: str) -> None:
        self.told.append(text)


class AtOnce:
    """A runner that waits for nobody."""

    def run(
        self,
        job: Callable[..., object],
        done: Callable[..., None],
        failed: Callable[[Exception], None],
        progress: object = None,
    ) -> None:
        try:
            result = job(None)
        except Exception as error:  # noqa: BLE001 -- every error goes back to the screen
            failed(error)
        else:
            done(result)


@pytest.fixture
def visit(device: Session) -> Visit:
    return record_visit(device, draft(procedures=[referral_draft(), ON_BEHALF], note="<b>note</b>"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty one; the laptop's own is beside."""
    made = tmp_path / "clé USB"
    made.mkdir()
    return made


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def presenter(screen: Screen, device: Session, visit: Visit) -> PaperPresenter:
    made = PaperPresenter(screen, runner=AtOnce(), jobs=PaperJobs(), on_bug=never)
    assert made.show(VisitPapers(device, visit.id))
    return made


def test_the_receipt_on_a5_is_proposed_without_a_name(
    screen: Screen, presenter: PaperPresenter, device: Session
) -> None:
    assert presenter is not None
    assert list(screen.kinds) == [RECEIPT, DOCUMENTS, MANDATE]
    assert list(screen.kinds.values()) == list(LABELS.values())
    assert list(screen.papers) == ["a5", "80mm", "a4"]
    [sheet] = screen.drawn
    assert sheet.paper.code == "a5"
    assert sheet.about.endswith(device.bus)
    screen.chosen = PaperChoice(MANDATE, "80mm")
    presenter.change_kind()
    assert list(screen.papers) == ["a4", "a5"]
    assert (screen.drawn[-1].title, screen.drawn[-1].paper.code) == ("Mandat", "a4")


def test_files_are_written_whole_named_without_anybody_and_replaced_after_a_yes(
    screen: Screen, presenter: PaperPresenter, folder: Path
) -> None:
    screen.chosen = PaperChoice(RECEIPT, "a5", f"  {NAME} ")
    screen.file = folder / "papier"
    presenter.save_html()
    presenter.save_pdf()
    assert screen.asked == ["recu-2026-11-24.html", "recu-2026-11-24.pdf"]
    page = folder / "papier.html"
    assert NAME in page.read_text("utf-8")
    assert (folder / "papier.pdf").read_bytes().startswith(b"%PDF")
    assert screen.told == ["Enregistré\u00a0: papier.html", "Enregistré\u00a0: papier.pdf"]
    screen.chosen, screen.answer = PaperChoice(RECEIPT, "a5"), False
    presenter.save_html()
    assert NAME in page.read_text("utf-8")
    screen.answer = True
    presenter.save_html()
    assert NAME not in page.read_text("utf-8")
    assert {path.name for path in folder.iterdir()} == {"papier.html", "papier.pdf"}
    screen.file = None
    presenter.save_pdf()
    assert len(screen.told) == 3


def test_a_file_that_cannot_be_written_is_told_and_the_one_before_stays(
    screen: Screen, presenter: PaperPresenter, folder: Path
) -> None:
    screen.file = folder / "absent" / "papier.html"
    presenter.save_html()
    assert "vérifiez que ce dossier existe" in screen.told[-1]
    assert "bilan" not in screen.told[-1]
    screen.file = folder
    presenter.save_html()
    assert list(folder.iterdir()) == []


def test_what_may_never_be_kept_goes_on_no_paper_and_in_no_file_name(
    screen: Screen, presenter: PaperPresenter, folder: Path
) -> None:
    screen.chosen = PaperChoice(RECEIPT, "a5", f"Zoé {NIR}")
    screen.file = folder / "papier.pdf"
    presenter.save_pdf()
    presenter.print()
    assert "sécurité sociale" in screen.problem
    assert screen.on_paper == []
    screen.chosen = PaperChoice(RECEIPT, "a5")
    screen.file = folder / f"{NIR}.pdf"
    presenter.save_pdf()
    assert "sécurité sociale" in screen.told[-1]
    assert NIR not in screen.told[-1]
    assert list(folder.iterdir()) == []


def test_printing_tells_how_it_went(screen: Screen, presenter: PaperPresenter) -> None:
    presenter.print()
    screen.printed = 3
    presenter.print()
    screen.printed = 0
    presenter.print()
    screen.printed = None
    presenter.print()
    screen.printers = False
    presenter.print()
    assert screen.told == [
        "1 page envoyée à l’imprimante.",
        "3 pages envoyées à l’imprimante.",
        NOT_PRINTED,
        NO_PRINTER,
    ]


def test_a_visit_erased_meanwhile_is_printed_no_more(
    screen: Screen, presenter: PaperPresenter, device: Session, visit: Visit
) -> None:
    erase_visit(device, visit.id)
    presenter.print()
    assert screen.told == [VisitPapers.gone]
    assert (screen.on_paper, screen.kinds) == ([], {})
    assert not presenter.show(VisitPapers(device, visit.id))


def test_a_single_sheet_is_shown_without_a_name_and_told_when_it_is_gone(
    screen: Screen, presenter: PaperPresenter
) -> None:
    made: list[Sheet] = [Sheet("Ticket 4", "Guise", (), "")]
    sheet = OneSheet(
        "Ticket", "File d’attente", "ticket-4", "Ce ticket n’est plus là.", lambda: made[0] if made else None
    )
    assert presenter.show(sheet)
    assert (screen.kinds, screen.named, screen.drawn[-1].title) == ({"sheet": "Ticket"}, False, "Ticket 4")
    presenter.refresh()
    made[0] = Sheet("Ticket 5", "Guise", (), "")
    presenter.refresh()
    assert [one.title for one in screen.drawn[-2:]] == ["Ticket 4", "Ticket 5"]
    made.clear()
    presenter.print()
    assert screen.told == ["Ce ticket n’est plus là."]
    assert screen.on_paper == []


def press_button(keys: Typist, key: Qt.Key) -> None:
    """Alt and a key; a button that is pressed so is let go a moment later."""
    keys.alt(key)
    QTest.qWait(150)


def test_an_exchange_draws_anew_only_what_it_changed(
    screen: Screen, presenter: PaperPresenter, device: Session, visit: Visit
) -> None:
    presenter.refresh()
    assert len(screen.drawn) == 1
    [first, _] = queries.records_of(device.store.db, visit.id)
    removing.remove(device, PROCEDURE_RECORD, first.id)
    presenter.refresh()
    assert [len(sheet.parts) for sheet in screen.drawn] == [2, 1]
    erase_visit(device, visit.id)
    presenter.refresh()
    assert (screen.told, len(screen.drawn)) == ([VisitPapers.gone], 2)


def paper_page(opened: Opened) -> PaperView:
    assert opened.screens.paper.page is not None
    return opened.screens.paper.page.view


def test_by_keyboard_from_the_visit_to_the_printer_and_back(
    opened: Opened, visit: Visit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keys = Typist()
    opened.screens.show_page("today")
    opened.screens.read_visit(visit.id)
    press_button(keys, Qt.Key.Key_P)
    view = paper_page(opened)
    assert opened.desktop.window.page() == "paper"
    assert focused() is view.print_it
    assert view.preview.count() == 1
    keys.alt(Qt.Key.Key_T)
    keys.write("t")
    assert (view.paper.code(), view.choice()) == ("80mm", PaperChoice(RECEIPT, "80mm"))
    keys.alt(Qt.Key.Key_L)
    keys.write("m")
    assert view.choice() == PaperChoice(MANDATE, "a4")
    press_button(keys, Qt.Key.Key_N)
    assert focused() is view.name
    keys.write(NAME)
    keys.tab()
    spoken = QAccessible.queryAccessibleInterface(view.preview.pages)
    assert spoken.text(QAccessible.Text.Name) == "Aperçu"
    assert f"Nom et prénom\u00a0: {NAME}" in spoken.text(QAccessible.Text.Description)
    printed = tmp_path / "imprimante.pdf"

    def agree(_view: PaperView, printer: QPrinter) -> bool:
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(printed))
        assert printer.docName() == "fsbus"
        return True

    monkeypatch.setattr(PaperView, "has_printer", lambda _view: True)
    monkeypatch.setattr(PaperView, "ask_printer", agree)
    keys.control(Qt.Key.Key_P)
    assert view.said() == "1 page envoyée à l’imprimante."
    assert printed.read_bytes().startswith(b"%PDF")
    keys.press(Qt.Key.Key_Escape)
    assert opened.desktop.window.page() == "details"
    assert view.choice() == PaperChoice("", "")
    assert view.name.text() == ""
    assert view.preview.pages.accessibleDescription() == ""


def test_what_was_just_recorded_is_offered_on_paper(opened: Opened) -> None:
    record_visit(opened.session, draft(started_at="2026-11-24T08:00:00+01:00"))
    opened.screens.show_page("today")
    opened.screens.today.visits.selectRow(0)
    keys, window = Typist(), opened.desktop.window
    keys.control(Qt.Key.Key_N)
    form = opened.screens.visit
    form.cards[0].procedure.setFocus()
    keys.write("carte grise")
    keys.tab()
    for letter in "ift":
        keys.write(letter)
        keys.tab()
    keys.control(Qt.Key.Key_Return)
    assert window.page() == "today", [
        row.problem for row in form.findChildren(type(form.cards[0].rows["nature"]))
    ]
    assert window.said().startswith("Enregistré")
    assert window.status.receipt.isVisible()
    newest = opened.screens.visit_presenter.visit_id
    assert opened.screens.today.visits.chosen() == newest
    keys.control(Qt.Key.Key_P)
    assert window.page() == "paper"
    window.hush()
    assert not window.status.receipt.isVisible()
    keys.press(Qt.Key.Key_Escape)
    assert window.page() == "today"
    assert opened.screens.today.visits.chosen() == newest


def test_another_tab_takes_the_name_away_and_an_erasure_the_page(opened: Opened, visit: Visit) -> None:
    opened.screens.show_page("today")
    opened.screens.paper.open(visit.id)
    view = paper_page(opened)
    view.named.click()
    view.name.setText(NAME)
    opened.screens.show_page("sync")
    assert (view.name.text(), view.preview.count()) == ("", 0)
    opened.screens.paper.open(visit.id)
    assert view.preview.count() == 1
    erase_visit(opened.session, visit.id)
    opened.screens.sync_presenter._on_changed(frozenset({VISIT}))
    assert (view.said(), view.preview.count()) == (VisitPapers.gone, 0)


def test_every_page_of_the_preview_is_reached(opened: Opened) -> None:
    long = referral_draft(precise_answer="Réponse longue. " * 100)
    many = record_visit(opened.session, draft(procedures=[long] * 4))
    opened.screens.show_page("today")
    opened.screens.paper.open(many.id)
    preview = paper_page(opened).preview
    count = preview.count()
    assert count > 2
    assert not preview.before.isEnabled()
    for _ in range(count):
        preview.after.click()
    assert preview.page() == count
    assert not preview.after.isEnabled()
    settle()
    before = preview.shown.zoomFactor()
    preview.larger.click()
    assert preview.shown.zoomFactor() > before
    paper_page(opened).paper.set_code("80mm")
    assert (preview.count(), preview.page()) == (1, 1)
    assert preview.before.isHidden()


def test_a_sheet_of_another_page_leads_back_to_it(opened: Opened) -> None:
    sheet = Sheet("Ticket 4", "Guise", (), "")
    opened.screens.show_page("sync")
    opened.screens.open_on_paper(OneSheet("Ticket", "File", "ticket-4", "Parti.", lambda: sheet))
    settle()
    page = paper_page(opened)
    assert opened.desktop.window.page() == "paper"
    assert page.named.isHidden()
    QTest.keyClick(focused(), Qt.Key.Key_Escape)
    settle()
    assert opened.desktop.window.page() == "sync"
