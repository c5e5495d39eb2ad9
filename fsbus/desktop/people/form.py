"""The small form of a person, with what they are told and who they may be already."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from fsbus.core import codes
from fsbus.core.keeping_terms import NOTICE
from fsbus.desktop.people.typed import Typed
from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.choices import Choice, chain
from fsbus.desktop.widgets.editing import on_edit
from fsbus.desktop.widgets.fields import FieldRow
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.panels import Panel
from fsbus.desktop.widgets.texts import DayLine, Line
from fsbus.desktop.widgets.type_ahead import TypeAhead


class PersonForm(Panel):
    """Who, how to reach them, what they were told; Tab goes down in that order."""

    edited = Signal()

    def __init__(self) -> None:
        self.family_name, self.given_name = Line("", 80), Line("", 80)
        self.phone, self.email, self.birth_year = Line("06 12 34 56 78", 30), Line("", 120), Line("1951", 4)
        self.commune = TypeAhead("Nom ou code postal")
        self.notice = Choice(codes.NOTICE, nothing="À choisir")
        self.keep_until, self.note = DayLine("jj/mm/aaaa"), Line("Ni identifiant, ni mot de passe", 500)
        rows = {
            "family_name": FieldRow("Nom", self.family_name),
            "given_name": FieldRow("Prénom", self.given_name),
            "phone": FieldRow("Téléphone", self.phone),
            "email": FieldRow("Courriel", self.email),
            "birth_year": FieldRow("Année de naissance", self.birth_year),
            "commune": FieldRow("Commune", self.commune),
            "notice": FieldRow("Information donnée", self.notice),
            "keep_until": FieldRow("Gardée jusqu’au", self.keep_until),
            "note": FieldRow("Note", self.note),
        }
        self._alike = label("")
        self._alike.hide()
        told = [label(f"{about}\u00a0: {text}", "muted") for about, text in NOTICE]
        parts: tuple[QWidget, ...] = (
            _beside(rows["family_name"], rows["given_name"]),
            self._alike,
            _beside(rows["phone"], rows["birth_year"]),
            _beside(rows["email"], rows["commune"]),
            rows["note"],
            label("À dire à la personne avant d’enregistrer (RGPD, article 13)", "field"),
            *told,
            _beside(rows["notice"], rows["keep_until"]),
        )
        super().__init__("Nouvelle personne", "", rows, parts, submit="Enregistrer la personne")
        self.words.hide()
        on_edit([row.editor for row in rows.values()], self.edited)
        chain(
            self.family_name,
            self.given_name,
            self.phone,
            self.birth_year,
            self.email,
            self.commune,
            self.note,
            self.notice,
            self.keep_until,
            self.submit,
            self.leave,
        )

    def fill(self, typed: Typed, *, new: bool) -> None:
        """Show this; the notice of a person who is known was given, and is only read elsewhere."""
        for line, text in (
            (self.family_name, typed.family_name),
            (self.given_name, typed.given_name),
            (self.phone, typed.phone),
            (self.email, typed.email),
            (self.birth_year, typed.birth_year),
            (self.keep_until, typed.keep_until),
            (self.note, typed.note),
        ):
            line.setText(text)
        self.commune.set_value(typed.commune, typed.commune_text)
        self.notice.set_code(typed.notice)
        self.rows["notice"].setVisible(new)
        self.rows["keep_until"].setVisible(not new)
        self.show_problems({})
        self.show_alike("")

    def typed(self) -> Typed:
        """What stands in it."""
        return Typed(
            family_name=self.family_name.text(),
            given_name=self.given_name.text(),
            phone=self.phone.text(),
            email=self.email.text(),
            birth_year=self.birth_year.text(),
            commune=self.commune.code(),
            commune_text=self.commune.text(),
            notice=self.notice.code(),
            keep_until=self.keep_until.text(),
            note=self.note.text(),
        )

    def show_alike(self, text: str) -> None:
        """Who the person may be already, beside the name and to the screen reader; an empty text takes it away."""
        if text != self._alike.text():
            self._alike.setText(text)
            self._alike.setVisible(bool(text))
            if text:
                announce(self, text)

    def alike(self) -> str:
        """What is shown of it."""
        return self._alike.text()


def _beside(*rows: FieldRow) -> QWidget:
    holder = QWidget()
    across = QHBoxLayout(holder)
    across.setContentsMargins(0, 0, 0, 0)
    across.setSpacing(12)
    for row in rows:
        across.addWidget(row, 1)
    return holder
