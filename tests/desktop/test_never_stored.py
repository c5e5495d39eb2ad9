"""What may never be stored does not leave the form: refused in each text, in no file, log or index."""

import json
import logging
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from fsbus.actions.drafts import kept_draft
from fsbus.actions.reports import replace_file
from fsbus.core.errors import InvalidInput
from fsbus.core.privacy import MASK
from fsbus.desktop.visit_form.typed import from_plain
from fsbus.store import queries
from fsbus.sync.stick_files import write_on_stick
from tests.core.private_corpus import CARD, IBAN, NIR, TAX
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, settle

DAY = "2026-11-24"
TOO_SECRET = "Soleil-2024"
TEXT = f"NIR {NIR[0]} {NIR[1:3]} {NIR[3:5]} {NIR[5:7]} {NIR[7:10]} {NIR[10:13]} {NIR[13:]}, mot de passe : {TOO_SECRET}"
VALUES = (TEXT, NIR, IBAN, CARD, TAX, TOO_SECRET, NIR[7:13])


def everything_in(opened: Opened) -> str:
    """Every value of every table of the open store, its full-text index included."""
    connection = opened.session.store.db.conn
    found = []
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for row in connection.execute(f'SELECT * FROM "{table}"').fetchall():
            found += [
                cell.decode("latin-1") if isinstance(cell, bytes) else str(cell)
                for cell in (row if isinstance(row, tuple) else tuple(row))
            ]
    return "\n".join(found)


def files_below(folder: Path) -> str:
    return "\n".join(
        path.name + path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file()
    )


def test_each_free_text_refuses_it_beside_its_field_and_nothing_keeps_it(
    opened: Opened, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    opened.screens.new_visit()
    form = opened.screens.visit
    card = form.cards[0]
    card.procedure.set_value("CNAV-DEM", "Demande de retraite")
    card.nature.set_code("information")
    card.mode.set_code("on_behalf")
    card.outcome.set_code("referred")
    card.set_documents([f"pièce {IBAN}"])
    card.documents.set_codes([f"pièce {IBAN}"])
    form.person.note.setText(TEXT)
    for line, value in ((card.answer, f"à rappeler, {CARD}"), (card.partner, TAX), (card.contact, IBAN),
                        (card.follow_up_note, NIR), (card.mandate_reason, f"RIB {IBAN}")):  # fmt: skip
        line.setText(value)
    form.save_requested.emit()
    settle()
    refused = {"note": form.person.rows["note"].problem} | {
        name: row.problem for name, row in card.rows.items()
    }
    for name in ("note", "precise_answer", "referral.partner", "referral.contact", "follow_up.note", "mandate.reason", "missing_documents"):  # fmt: skip
        assert "fsbus ne le conserve jamais" in refused[name], name
    assert not any(value in text for value in VALUES for text in (*refused.values(), form.alert()))
    assert queries.visits_of_day(opened.session.store.db, DAY) == []

    assert opened.screens.visit_door.drafts.flush()
    draft = kept_draft(opened.session)
    assert draft is not None
    kept = json.dumps(draft.form, ensure_ascii=False)
    everywhere = "\n".join((kept, everything_in(opened), files_below(opened.session.home), caplog.text))
    assert [value for value in VALUES if value in everywhere] == []
    again = from_plain(draft.form).entry
    assert again.note.startswith(f"NIR {MASK}")
    assert again.procedures[0].precise_answer == f"à rappeler, {MASK}"
    # What the agent sees is not touched: only what goes to the disk is.
    assert form.entry().note == TEXT


def test_a_paper_or_a_bundle_under_such_a_name_is_not_written(tmp_path: Path) -> None:
    for write in (replace_file, write_on_stick):
        with pytest.raises(InvalidInput) as refused:
            write(tmp_path / f"{NIR}.pdf", b"x")
        assert NIR not in str(refused.value)
    assert not [path for path in tmp_path.rglob("*") if NIR in path.name]


def test_the_value_typed_by_keys_is_refused_and_taking_it_out_is_enough(opened: Opened) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    form = opened.screens.visit
    form.cards[0].procedure.set_value("CNAV-DEM", "Demande de retraite")
    for choice in (form.cards[0].nature, form.cards[0].mode, form.cards[0].outcome):
        choice.setCurrentIndex(1)
    form.person.note.setFocus()
    keys.write(f"Dossier de {NIR}")
    keys.control(Qt.Key.Key_S)
    assert "numéro de sécurité sociale vérifié" in form.person.rows["note"].problem
    form.person.note.setText("Numéro de sécurité sociale vérifié")
    keys.control(Qt.Key.Key_S)
    assert len(queries.visits_of_day(opened.session.store.db, DAY)) == 1
