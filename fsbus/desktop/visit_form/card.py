"""The card of one procedure in the visit form; parts that are not needed stay hidden."""

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from fsbus.core import codes
from fsbus.core.field_words import PROCEDURE
from fsbus.desktop.visit_form.entry import Picked, ProcedureEntry
from fsbus.desktop.visit_form.next_days import ANOTHER, OTHER_DAY, read
from fsbus.desktop.visit_form.offered import AnswerField
from fsbus.desktop.visit_form.parts import DOCUMENTS
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.choices import CheckList, Choice
from fsbus.desktop.widgets.editing import on_edit
from fsbus.desktop.widgets.fields import FieldRow
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.suggestions import Suggestion
from fsbus.desktop.widgets.texts import DayLine, Line
from fsbus.desktop.widgets.type_ahead import TypeAhead
from fsbus.desktop.written_days import short_day

NO_CHOICE = "À choisir"


class ProcedureCard(QFrame):
    """One procedure. ``changed`` tells that what is needed may have changed."""

    changed = Signal()
    edited = Signal()
    """Something in the card is no longer what it was, whoever changed it."""
    searched = Signal(str)
    picked = Signal(str)
    details_wanted = Signal(bool)
    remove_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.procedure = TypeAhead("Titre, mot ou sigle : carte d’identité, RSA, retraite…", on_empty=True)
        self.nature = Choice(codes.NATURE, nothing=NO_CHOICE)
        self.mode = Choice(codes.MODE, nothing=NO_CHOICE)
        self.outcome = Choice(codes.OUTCOME, nothing=NO_CHOICE)
        self.answer = AnswerField(
            "Ce que la personne sait en repartant : quoi, où, quand, avec quelles pièces"
        )
        self.partner = Line("Organisme", 80)
        self.contact = Line("Adresse, téléphone, agence…")
        self.referral_channel = Choice(codes.CHANNEL, nothing="Non précisé")
        self.referral_day = DayLine()
        self.follow_up_passage = Choice({OTHER_DAY: ANOTHER})
        self.follow_up_day = DayLine()
        self._follow_up_commune, self._follow_up_done_on = "", ""
        self.follow_up_note = Line("Ce qui reste à faire", 500)
        self.mandate = Choice(codes.AGREEMENT, nothing="À choisir")
        self.mandate_day = DayLine("jj/mm")
        self.mandate_reason = Line("Pourquoi à sa place", 500)
        self.documents = CheckList()
        self.blockers = CheckList(codes.BLOCKER)
        self.rows: dict[str, FieldRow] = {
            # The heading of the card is its label: a second one would cost a line on a small screen.
            "procedure": FieldRow("", self.procedure, hint="F2 pour lire la réponse officielle"),
            "nature": FieldRow(PROCEDURE["nature"], self.nature),
            "mode": FieldRow(PROCEDURE["mode"], self.mode),
            "outcome": FieldRow(PROCEDURE["outcome"], self.outcome),
            "precise_answer": FieldRow(PROCEDURE["precise_answer"], self.answer),
            "referral.partner": FieldRow(PROCEDURE["referral.partner"], self.partner),
            "referral.contact": FieldRow(PROCEDURE["referral.contact"], self.contact),
            "referral.channel": FieldRow(PROCEDURE["referral.channel"], self.referral_channel),
            "referral.on": FieldRow(PROCEDURE["referral.on"], self.referral_day),
            "follow_up.commune": FieldRow("Prochain passage", self.follow_up_passage),
            "follow_up.on": FieldRow(PROCEDURE["follow_up.on"], self.follow_up_day),
            "follow_up.note": FieldRow(PROCEDURE["follow_up.note"], self.follow_up_note),
            "mandate.kind": FieldRow(PROCEDURE["mandate.kind"], self.mandate),
            "mandate.on": FieldRow(PROCEDURE["mandate.on"], self.mandate_day),
            "mandate.reason": FieldRow(PROCEDURE["mandate.reason"], self.mandate_reason),
            "missing_documents": FieldRow(
                PROCEDURE["missing_documents"], self.documents, hint="Espace pour cocher"
            ),
            "blockers": FieldRow(PROCEDURE["blockers"], self.blockers, hint="Espace pour cocher"),
        }
        self.procedure.setAccessibleName("Démarche")
        self._title = label("", "heading", buddy=self.procedure)
        self._partner_shown = label("", "muted")
        self._partner_shown.setWordWrap(False)
        self.details = button("Plus de détails", "quiet", hint="Pièces, blocages, orientation, suite, mandat")
        self.details.setCheckable(True)
        self.remove = button("Retirer", "quiet")
        self._parts = self._lay_out()
        self._connect()
        self.show_parts(frozenset())

    def widgets(self) -> list[QWidget]:
        """All that takes the keyboard, in the order of Tab."""
        return [*(row.editor for row in self.rows.values()), self.details, self.remove]

    def set_number(self, number: int, alone: bool) -> None:
        """The place of the card, told in its title and in each name for a screen reader."""
        self._title.setText(f"&Démarche {number}")
        for row in self.rows.values():
            name = row.editor.accessibleName().split(", démarche ")[0]  # renumbered after a removal
            row.editor.setAccessibleName(f"{name}, démarche {number}")
        self.details.setAccessibleName(f"Plus de détails, démarche {number}")
        self.remove.setAccessibleName(f"Retirer la démarche {number}")
        self.remove.setVisible(not alone)

    def show_partner(self, text: str) -> None:
        """The partner whose procedure it is."""
        self._partner_shown.setText(text)

    def show_parts(self, parts: frozenset[str]) -> None:
        """Show these parts of the card and no other; no list of documents for a procedure that asks for none."""
        empty = frozenset() if self.documents.count() else frozenset({DOCUMENTS})
        for name, widgets in self._parts.items():
            for widget in widgets:
                widget.setVisible(name in parts - empty)

    def set_documents(self, documents: Iterable[str]) -> None:
        """The documents usually asked for, to tick those that are missing."""
        self.documents.set_choices({text: text for text in documents})

    def show_problem(self, field: str, text: str) -> bool:
        """Show a problem beside its field; False when the card has no such field."""
        row = (
            self.rows.get(field)
            or self.rows.get(field.partition("[")[0])
            or self.rows.get(field.partition(".")[0])
        )
        if row is not None:
            row.set_problem(text)
        return row is not None

    def clear_problems(self) -> None:
        """Take all problems away."""
        for row in self.rows.values():
            row.set_problem("")

    def entry(self) -> ProcedureEntry:
        """What is typed."""
        return ProcedureEntry(
            procedure=Picked(self.procedure.code(), self.procedure.text()),
            nature=self.nature.code(),
            mode=self.mode.code(),
            outcome=self.outcome.code(),
            precise_answer=self.answer.text(),
            missing_documents=self.documents.codes(),
            blockers=self.blockers.codes(),
            referral_partner=self.partner.text(),
            referral_contact=self.contact.text(),
            referral_channel=self.referral_channel.code(),
            referral_on=self.referral_day.text(),
            follow_up_on=self.follow_up_day.text(),
            follow_up_note=self.follow_up_note.text(),
            follow_up_commune=self._follow_up_commune,
            follow_up_done_on=self._follow_up_done_on,
            mandate_kind=self.mandate.code(),
            mandate_on=self.mandate_day.text(),
            mandate_reason=self.mandate_reason.text(),
        )

    def fill(self, item: ProcedureEntry, details: bool) -> None:
        """Show an entry as it was typed; ``details`` shows all the parts."""
        self.procedure.set_value(item.procedure.code, item.procedure.text)
        for choice, code in (
            (self.nature, item.nature),
            (self.mode, item.mode),
            (self.outcome, item.outcome),
            (self.referral_channel, item.referral_channel),
            (self.mandate, item.mandate_kind),
        ):
            choice.set_code(code)
        self._follow_up_commune, self._follow_up_done_on = item.follow_up_commune, item.follow_up_done_on
        self.answer.setText(item.precise_answer)
        for line, text in (
            (self.partner, item.referral_partner),
            (self.contact, item.referral_contact),
            (self.referral_day, item.referral_on),
            (self.follow_up_day, item.follow_up_on),
            (self.follow_up_note, item.follow_up_note),
            (self.mandate_day, item.mandate_on),
            (self.mandate_reason, item.mandate_reason),
        ):
            line.setText(text)
        # Those of the procedure come when it is looked up; what was ticked stays ticked then.
        self.set_documents(item.missing_documents)
        self.documents.set_codes(item.missing_documents)
        self.blockers.set_codes(item.blockers)
        self.details.setChecked(details)

    def propose_days(self, labels: Mapping[str, str]) -> None:
        """The days when what is left may be taken up; one that is chosen fills the day, which may still be typed."""
        passages = self.follow_up_passage
        if [(passages.itemData(row), passages.itemText(row)) for row in range(passages.count())] == list(
            labels.items()
        ):
            return
        chosen = passages.code()
        passages.blockSignals(True)
        passages.clear()
        for code, text in labels.items():
            passages.addItem(text, code)
        passages.set_code(chosen)
        passages.blockSignals(False)

    def suggest(self, found: list[Suggestion]) -> None:
        """Propose procedures under the field."""
        self.procedure.set_suggestions(found)

    def _connect(self) -> None:
        self.procedure.searched.connect(self.searched)
        self.procedure.chosen.connect(self.picked)
        self.details.toggled.connect(self._want_details)
        self.remove.clicked.connect(self.remove_requested)
        # First, so that whoever is told of the change reads the day that goes with it.
        self.follow_up_passage.currentIndexChanged.connect(lambda _index: self._take_day())
        self.follow_up_day.textEdited.connect(lambda _text: self._day_typed())
        for widget in self.widgets():
            if isinstance(widget, QComboBox):
                widget.currentIndexChanged.connect(lambda _index: self.changed.emit())
            elif isinstance(widget, QLineEdit):
                widget.textEdited.connect(lambda _text: self.changed.emit())
            elif isinstance(widget, CheckList):
                widget.changed.connect(self.changed)
        self.answer.textChanged.connect(self.changed)
        on_edit(self.widgets(), self.edited)

    def _take_day(self) -> None:
        if (proposal := self.follow_up_passage.code()) != OTHER_DAY:
            day, self._follow_up_commune = read(proposal)
            self.follow_up_day.setText(short_day(day))

    def _day_typed(self) -> None:
        if self.follow_up_passage.code() != OTHER_DAY:
            # A day that is typed is no longer that of the passage, nor where it was.
            self._follow_up_commune = ""
            self.follow_up_passage.set_code(OTHER_DAY)

    def _want_details(self, wanted: bool) -> None:
        self.details.setText("Moins de détails" if wanted else "Plus de détails")
        self.details_wanted.emit(wanted)
        if wanted and self.details.hasFocus():
            # By keyboard, what was asked for comes next, not after all the rest.
            self.answer.setFocus()

    def _lay_out(self) -> Mapping[str, list[QWidget]]:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 12)
        layout.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self._title)
        head.addWidget(self._partner_shown)
        head.addStretch(1)
        head.addWidget(self.details)
        head.addWidget(self.remove)
        layout.addLayout(head)
        layout.addWidget(self.rows["procedure"])
        parts: dict[str, list[QWidget]] = {}

        def line(
            names: Mapping[str, int], part: str | None, into: Callable[[QWidget], None] = layout.addWidget
        ) -> None:
            holder = QWidget()
            grid = QGridLayout(holder)
            grid.setContentsMargins(0, 0, 0, 0)
            grid.setHorizontalSpacing(12)
            for column, (name, stretch) in enumerate(names.items()):
                grid.addWidget(self.rows[name], 0, column, Qt.AlignmentFlag.AlignTop)
                grid.setColumnStretch(column, stretch)
            if part is not None:
                parts.setdefault(part, []).append(holder)
            into(holder)

        line({"nature": 1, "mode": 1, "outcome": 1}, None)
        self.rows["precise_answer"].add_below(self.answer.offered)
        line({"precise_answer": 1}, "precise_answer")
        line(
            {"referral.partner": 3, "referral.contact": 5, "referral.channel": 3, "referral.on": 3},
            "referral",
        )
        line({"follow_up.commune": 1}, "follow_up")
        line({"follow_up.on": 2, "follow_up.note": 5}, "follow_up")
        line({"mandate.kind": 3, "mandate.on": 2, "mandate.reason": 5}, "mandate")
        checks = QHBoxLayout()
        checks.setSpacing(12)
        for name in ("missing_documents", "blockers"):
            parts[name] = [self.rows[name]]
            checks.addWidget(self.rows[name], 1)
        layout.addLayout(checks)
        return parts
