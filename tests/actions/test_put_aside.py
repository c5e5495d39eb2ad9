"""What the centre put aside is told in French, and sent again as it stands or given up."""

from collections.abc import Mapping

import pytest

from fsbus.actions.conflicts import to_choose
from fsbus.actions.put_aside import give_up, put_aside, send_again
from fsbus.actions.session import Session
from fsbus.actions.visits import amend, record_visit
from fsbus.core.entities import CONFLICT, PROCEDURE_RECORD, VISIT
from fsbus.core.errors import InvalidInput
from fsbus.store import queries
from fsbus.store.sums import COMPARE
from fsbus.wire.api import Op, OpResult, State
from fsbus.wire.codec import decode_op
from tests.builders import draft, new_id
from tests.store.test_applying import answer, hello


def ops(session: Session, after: int = 0) -> list[Op]:
    return [decode_op(line) for _, line in session.store.pending(after=after, max_bytes=10**9)]


@pytest.fixture
def met(device: Session) -> Session:
    device.store.take_hello(hello())
    return device


def refuse(session: Session, numbers: Mapping[int, str]) -> None:
    """The centre takes everything but these."""
    results = [OpResult(seq, "quarantined", why) for seq, why in numbers.items()]
    session.store.apply(answer(acked=session.store.last_seq, results=results))


def of_record(session: Session, record_id: str) -> list[Op]:
    return [op for op in ops(session) if op.record == record_id]


def test_a_refused_correction_is_corrected_and_sent_again(met: Session) -> None:
    visit = record_visit(met, draft())
    met.store.apply(answer(acked=met.store.last_seq))
    amend(met, VISIT, visit.id, {"minutes": 30, "note": "à revoir"})
    refuse(met, {met.store.last_seq: "invalid: minutes, note"})
    (told,) = put_aside(met)
    assert (told.record_id, told.what, told.is_new) == (visit.id, "correction", False)
    assert told.why == "Le centre ne peut pas prendre\u00a0: Durée, Note."
    assert told.about.startswith("Visite du mardi 24")
    amend(met, VISIT, visit.id, {"minutes": 35})
    acked = met.store.last_seq
    assert send_again(met, visit.id) == 1
    (again,) = ops(met, after=acked)
    assert (again.verb, again.base, again.set) == ("set", 1, {"minutes": 35, "note": "à revoir"})
    assert put_aside(met) == []
    assert queries.status_facts(met.store.db).quarantined == 0


def test_a_refused_visit_is_sent_again_whole(met: Session) -> None:
    visit = record_visit(met, draft())
    refuse(met, {of_record(met, visit.id)[0].seq: "invalid: stop_commune"})
    (told,) = put_aside(met)
    assert (told.is_new, told.what) == (True, "enregistrement")
    before = met.store.last_seq
    send_again(met, visit.id)
    (again,) = ops(met, after=before)
    assert (again.verb, again.base, again.set["minutes"]) == ("create", 0, 25)
    met.store.apply(answer(acked=met.store.last_seq))
    assert queries.visit(met.store.db, visit.id) == visit


def test_giving_up_a_correction_asks_for_what_the_centre_has(met: Session) -> None:
    visit = record_visit(met, draft())
    amend(met, VISIT, visit.id, {"minutes": 30})
    refuse(met, {met.store.last_seq: "too large"})
    assert give_up(met, visit.id) == 1
    assert put_aside(met) == []
    assert met.store.setting(COMPARE) is not None
    assert queries.visit(met.store.db, visit.id) is not None


def test_giving_up_what_the_centre_never_had_erases_it(met: Session) -> None:
    visit = record_visit(met, draft())
    refuse(met, {of_record(met, visit.id)[0].seq: "not allowed: x"})
    give_up(met, visit.id)
    assert queries.visit(met.store.db, visit.id) is None
    assert [op.verb for op in ops(met, after=met.store.link().acked)] == ["erase"] * 3


def test_nothing_is_settled_that_was_not_put_aside(met: Session) -> None:
    for settle in (send_again, give_up):
        with pytest.raises(InvalidInput):
            settle(met, new_id())


def told(record_id: str, kind: str, field: str, local: object, central: object) -> dict[str, object]:
    return {
        "record_id": record_id, "record_kind": kind, "field": field, "local": local, "central": central,
        "actor": "", "hlc": "1764000000000.0000", "central_actor": "", "central_hlc": "", "status": "open",
    }  # fmt: skip


def test_a_conflict_is_told_in_the_words_of_the_form(met: Session) -> None:
    visit = record_visit(met, draft())
    record = queries.records_of(met.store.db, visit.id)[0]
    values = [
        (VISIT, visit.id, "minutes", 50, 25, "Durée", "50\u00a0min", "25\u00a0min"),
        (VISIT, visit.id, "first_visit", False, True, "Première visite", "Non", "Oui"),
        (VISIT, visit.id, "equipment", ["phone"], ["computer"], "Équipement chez soi", "Téléphone", "Ordinateur"),
        (VISIT, visit.id, "note", "b", "", "Note", "b", "Rien"),
        (PROCEDURE_RECORD, record.id, "mode", "taught", "assisted", "Manière", "Appris à faire", "Fait avec la personne"),
        (
            PROCEDURE_RECORD, record.id, "follow_up", {"on": "2026-12-03", "note": "Rappeler"}, None, "Suite à donner",
            "À reprendre le\u00a0: jeudi 3\u00a0décembre 2026\u00a0; Suite à donner\u00a0: Rappeler", "Rien",
        ),
        (VISIT, visit.id, "deleted", True, False, "Fiche", "Retirée\u00a0: enregistrée par erreur", "Gardée"),
    ]  # fmt: skip
    for kind, record_id, field, local, central, label, local_words, central_words in values:
        one = new_id()
        met.store.apply(answer(State(one, CONFLICT, 1, told(record_id, kind, field, local, central))))
        (shown,) = [each for each in to_choose(met) if each.id == one]
        assert (shown.field, shown.other.value, shown.kept.value) == (label, local_words, central_words)
        assert shown.visit_id == visit.id
        assert "2025" in shown.other.moment
        assert shown.kept.moment == ""


def test_a_coordinator_is_named_although_no_record_of_theirs_is_here(met: Session) -> None:
    visit = record_visit(met, draft(note="a"))
    body = told(visit.id, VISIT, "note", "b", "a") | {"actor": "Camille Roux", "central_actor": met.agent.id}
    met.store.apply(answer(State(new_id(), CONFLICT, 1, body)))
    (shown,) = to_choose(met)
    assert (shown.other.author, shown.kept.author) == ("Camille Roux (coordination)", met.agent.name)


def test_what_stands_is_told_even_when_it_changed_since(met: Session) -> None:
    visit = record_visit(met, draft(note="encore une autre"))
    met.store.apply(answer(State(new_id(), CONFLICT, 1, told(visit.id, VISIT, "note", "b", "a"))))
    (shown,) = to_choose(met)
    assert (shown.kept.value, shown.other.value) == ("encore une autre", "b")


def test_a_record_that_was_brought_back_stands_against_its_removal(met: Session) -> None:
    visit = record_visit(met, draft())
    met.store.apply(answer(State(new_id(), CONFLICT, 1, told(visit.id, VISIT, "deleted", False, True))))
    (shown,) = to_choose(met)
    assert (shown.kept.side, shown.other.side) == ("local", "central")


def test_a_stamp_that_is_none_tells_no_moment(met: Session) -> None:
    visit = record_visit(met, draft())
    for hlc in ("", "yesterday", "99999999999999.1", "²³.0"):
        body = {**told(visit.id, VISIT, "note", "b", ""), "hlc": hlc}
        one = new_id()
        met.store.apply(answer(State(one, CONFLICT, 1, body)))
        assert [each.other.moment for each in to_choose(met) if each.id == one] == [
            ""
        ] or hlc == "99999999999999.1"
