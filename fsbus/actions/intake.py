"""Takes in files of visit drafts and of corrections, each one saved whole or refused whole."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from fsbus.actions import removing, visits
from fsbus.actions.session import Session
from fsbus.actions.splitting import Piece, documents
from fsbus.actions.strict_json import Unreadable, read_object
from fsbus.actions.wording import any_record
from fsbus.core.entities import ENTITIES, PROCEDURE_RECORD, VISIT
from fsbus.core.errors import InvalidInput
from fsbus.core.fields import TO_CHOOSE, Code, shown
from fsbus.core.ids import is_id
from fsbus.core.redaction import redacted
from fsbus.store import queries

MOST_PER_COMMIT = 100
_CHUNK = 64 * 1024
_OF_ANOTHER = "Cette démarche n’est pas de cette visite."
_CODES = {
    name: tuple(one.labels)
    for kind in (VISIT, PROCEDURE_RECORD)
    for name, one in ENTITIES[kind].fields.items()
    if isinstance(one, Code)
}
_JSON = "json"
"""The field that is named when a line is not a document at all."""


@redacted("line", "visit_id", "record_id")
@dataclass(frozen=True)
class LineResult:
    """What came of one draft or correction: the record, saved for good, or every problem.

    ``line`` is its line in the file, from 1; in a JSON array, its place there.
    """

    line: int
    visit_id: str | None = None
    record_id: str | None = None
    problems: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """As the command line prints it."""
        if self.problems:
            return {"line": self.line, "problems": dict(self.problems)}
        ids = {"visit_id": self.visit_id, "record_id": self.record_id}
        return {"line": self.line} | {name: value for name, value in ids.items() if value is not None}


def record_lines(session: Session, lines: Iterable[bytes]) -> Iterator[LineResult]:
    """Record visit drafts: one JSON object, an array of them, or one per line.

    ``lines`` is an open binary file or any lines. A result is given only once it is durable.
    Nothing is held but the current document and the results not yet given.
    """
    return _take(session, lines, _record)


def amend_lines(session: Session, lines: Iterable[bytes]) -> Iterator[LineResult]:
    """Take corrections ``{"visit_id","set":{field: value}}``, with ``record_id`` for a procedure record, or
    ``{"visit_id","delete": true}`` to remove what was recorded by mistake, ``false`` to put it back.

    Read and answered as by `record_lines`.
    """
    return _take(session, lines, _amend)


Taker = Callable[[Session, int, Mapping[str, object]], LineResult]


def _take(session: Session, lines: Iterable[bytes], take: Taker) -> Iterator[LineResult]:
    waiting: list[Piece] = []
    for piece in documents(_chunks(lines)):
        if piece is not None:
            waiting.append(piece)
        # What has come is saved before more is waited for: a program may be feeding us line by line.
        if waiting and (piece is None or len(waiting) == MOST_PER_COMMIT):
            yield from _commit(session, waiting, take)
            waiting = []
    if waiting:
        yield from _commit(session, waiting, take)


def _commit(session: Session, pieces: list[Piece], take: Taker) -> list[LineResult]:
    with session.store.batch():
        return [_one(session, piece, take) for piece in pieces]


def _one(session: Session, piece: Piece, take: Taker) -> LineResult:
    try:
        if piece.problem:
            raise Unreadable(piece.problem)
        return take(session, piece.number, read_object(piece.content))
    except Unreadable as error:
        return LineResult(piece.number, problems={_JSON: str(error)})
    except InvalidInput as error:
        told = {path: _with_codes(path, text) for path, text in error.problems.items()}
        return LineResult(piece.number, problems=told)


def _with_codes(path: str, text: str) -> str:
    """The problem, with what may be chosen: whoever writes a file sees no list."""
    codes = _CODES.get(path.rpartition(".")[2])
    return text if text != TO_CHOOSE or codes is None else f"À choisir\u00a0: {', '.join(codes)}."


def _record(session: Session, line: int, draft: Mapping[str, object]) -> LineResult:
    return LineResult(line, visit_id=visits.record_visit(session, draft).id)


def _amend(session: Session, line: int, correction: Mapping[str, object]) -> LineResult:
    problems: dict[str, str] = {}
    known = {"visit_id", "record_id", "set", "delete"}
    for name in correction:
        if name not in known:
            problems[shown(name)] = "Champ inconnu."
    visit_id, record_id = correction.get("visit_id"), correction.get("record_id")
    changes, delete = correction.get("set"), correction.get("delete")
    if record_id is None and not is_id(visit_id):
        problems["visit_id"] = "Identifiant de la visite manquant ou illisible."
    if record_id is not None and not is_id(record_id):
        problems["record_id"] = "Identifiant de la démarche illisible."
    if "delete" in correction:
        if not isinstance(delete, bool):
            problems["delete"] = "true pour retirer, false pour remettre."
        if "set" in correction:
            problems["set"] = "Corriger et retirer se font en deux lignes."
    elif not isinstance(changes, Mapping):
        problems["set"] = "Les champs à modifier sont attendus : {champ: valeur}."
    if problems:
        raise InvalidInput(problems)
    if isinstance(delete, bool):
        return _delete(session, line, visit_id, record_id, delete=delete)
    changes = changes if isinstance(changes, Mapping) else {}
    if record_id is None:
        visits.amend(session, VISIT, str(visit_id), changes)
        return LineResult(line, visit_id=str(visit_id))
    found = queries.record(session.store.db, str(record_id))
    if found is not None and visit_id is not None and found.visit_id != visit_id:
        raise InvalidInput({"record_id": _OF_ANOTHER})
    visits.amend(session, PROCEDURE_RECORD, str(record_id), changes)
    return LineResult(line, visit_id=None if found is None else found.visit_id, record_id=str(record_id))


def _delete(session: Session, line: int, visit_id: object, record_id: object, *, delete: bool) -> LineResult:
    kind, target = (VISIT, str(visit_id)) if record_id is None else (PROCEDURE_RECORD, str(record_id))
    record = any_record(session.store.db, target) if record_id is not None else None
    if record is not None and visit_id is not None and record.visit_id != visit_id:
        raise InvalidInput({"record_id": _OF_ANOTHER})
    (removing.remove if delete else removing.put_back)(session, kind, target)
    if record is None:
        return LineResult(line, visit_id=target)
    return LineResult(line, visit_id=record.visit_id, record_id=target)


def _chunks(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes as they come: from a file what it has, from other lines some at a time."""
    read = getattr(lines, "read1", None)
    if read is not None:
        while chunk := read(_CHUNK):
            yield chunk
        return
    rest = iter(lines)
    while some := list(islice(rest, MOST_PER_COMMIT)):
        yield b"".join(line if line.endswith(b"\n") else line + b"\n" for line in some)
