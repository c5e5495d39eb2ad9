"""Records, changes and finds the people who are followed up: only when something must be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from fsbus.actions import plain_records
from fsbus.actions.session import Session
from fsbus.actions.visits import amend
from fsbus.core.entities import RESIDENT, VISIT, from_body
from fsbus.core.errors import InvalidInput
from fsbus.core.ids import new_ticket_code
from fsbus.core.keeping_terms import latest, term, too_late
from fsbus.core.likeness import Described, Likeness
from fsbus.core.people_index import PeopleIndex
from fsbus.core.records import ENDINGS
from fsbus.core.redaction import redacted
from fsbus.core.residents import Resident
from fsbus.core.same_people import roots
from fsbus.core.visits import Visit
from fsbus.store import day_queries, people, queries
from fsbus.store.rows import SHAPES, Value

TYPED = ("family_name", "given_name", "phone", "email", "birth_year", "commune", "note")
"""What an agent types of a person, and may change."""
GONE = "Cette personne n’est plus ici\u00a0: elle a été effacée."
_NOT_BORN = "Année à venir\u00a0: vérifiez l’année de naissance."


@redacted("person")
@dataclass(frozen=True)
class Found:
    """A person found, and why in words; ``also`` is the name under which they were found, when it is another."""

    person: Resident
    why: str = ""
    also: str = ""


class People:
    """The people of this laptop, ready to be found; read anew by itself when something changed. One thread's."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._stamp: tuple[int, int] | None = None
        self._rows: dict[str, tuple[Value, ...]] = {}
        self._known: dict[str, Resident] = {}
        self._roots: dict[str, str] = {}
        self._index = PeopleIndex()

    def find(self, text: str, most: int = 30) -> list[Found]:
        """Who this text may mean, the likeliest first; with no text, everybody by name."""
        self._refresh()
        if not text.strip():
            shown = [one for one in self._known.values() if self._roots[one.id] == one.id]
            shown.sort(key=lambda one: (one.family_name.casefold(), one.given_name.casefold(), one.id))
            return [Found(one) for one in shown[:most]]
        found: dict[str, Found] = {}
        for hit in self._index.search(text, most):
            root, called = self._roots[hit.id], self._known[hit.id]
            also = full_name(called) if root != hit.id else ""
            found.setdefault(root, Found(self._known[root], hit.why, also))
        return list(found.values())

    def alike(self, fields: Mapping[str, object], but: str = "") -> list[tuple[Resident, Likeness]]:
        """Who the person being typed may be already, with the reasons; ``but``: the person that is changed."""
        self._refresh()
        own = self._roots.get(but, but)
        found: dict[str, Likeness] = {}
        for key, why in self._index.alike(Described.typed("", fields)):
            if self._roots[key] != own:
                found.setdefault(self._roots[key], why)
        return [(self._known[key], why) for key, why in found.items()]

    def person(self, resident_id: str) -> Resident | None:
        """The person that this id stands for, merged or not; None when they are not here."""
        self._refresh()
        return self._known.get(self._roots.get(resident_id, ""))

    def merged_with(self, resident_id: str) -> list[Resident]:
        """The other records that were found to be of this person, each with the values it had."""
        self._refresh()
        root = self._roots.get(resident_id)
        return [one for key, one in self._known.items() if self._roots[key] == root and key != root]

    def overdue(self, today: str) -> list[Resident]:
        """Those whose term of keeping is over, the oldest term first."""
        self._refresh()
        ended = [
            one for key, one in self._known.items() if self._roots[key] == key and one.keep_until < today
        ]
        return sorted(ended, key=lambda one: (one.keep_until, one.id))

    def count(self) -> int:
        """How many people are kept."""
        self._refresh()
        return len(set(self._roots.values()))

    def _refresh(self) -> None:
        db = self._session.store.db
        stamp = people.stamp(db)
        if stamp == self._stamp:
            return
        shape = SHAPES[RESIDENT]
        rows = {str(row[0]): row for row in people.resident_rows(db)}
        for key in self._rows.keys() - rows.keys():
            del self._known[key]
            self._index.drop(key)
        for key, row in rows.items():
            if self._rows.get(key) != row:
                one = from_body(RESIDENT, key, shape.body_of(row))
                if isinstance(one, Resident):
                    self._known[key] = one
                    self._index.put(Described.of(one))
        self._rows, self._stamp = rows, stamp
        self._roots = roots({key: one.merged_into for key, one in self._known.items()})


def create(session: Session, draft: Mapping[str, object]) -> Resident:
    """Record a person who was told what is kept (``notice``: how); their term and ticket code are given here.

    Durable on return. Raises InvalidInput with every problem.
    """
    today = date.fromisoformat(plain_records.today(session))
    whole = {
        "notice_on": today.isoformat(),
        "keep_until": term(today, today).isoformat(),
        **draft,
        "code": _unused_code(session),
        "merged_into": None,
    }
    _require_born(whole, today)
    made = plain_records.create(session, RESIDENT, whole)
    found = day_queries.one(session.store.db, Resident, made)
    if found is None:
        raise KeyError("a resident that was just recorded")
    return found


def change(session: Session, resident_id: str, changes: Mapping[str, object]) -> bool:
    """Change a person; the term of keeping begins anew, unless another is given. Durable on return.

    Raises InvalidInput with every problem; also for a term later than `latest`.
    """
    stands = day_queries.one(session.store.db, Resident, resident_id)
    today = date.fromisoformat(plain_records.today(session))
    if stands is not None:
        _require_born(changes, today)
        contact = last_contact(session, stands)
        given = changes.get("keep_until")
        if isinstance(given, str) and given > latest(contact).isoformat():
            raise InvalidInput({"keep_until": too_late(contact)})
        if any(vars(stands).get(name) != value for name, value in changes.items()):
            changes = {"keep_until": term(today, contact).isoformat(), **changes}
    return plain_records.change(session, RESIDENT, resident_id, changes)


def visit_to_attach(session: Session) -> Visit | None:
    """This agent's newest visit of today that names nobody and leaves something to follow up; None without one."""
    found = [
        visit
        for visit, records in queries.visits_of_day(session.store.db, plain_records.today(session))
        if visit.agent_id == session.agent.id
        and visit.resident_id is None
        and any(one.outcome not in ENDINGS for one in records)
    ]
    return found[-1] if found else None


def attach(session: Session, resident_id: str, visit_id: str) -> None:
    """Say that this person came to this visit; durable on return. Raises InvalidInput when either is gone."""
    if day_queries.one(session.store.db, Resident, resident_id) is None:
        raise InvalidInput({"": GONE})
    amend(session, VISIT, visit_id, {"resident_id": resident_id})


def last_contact(session: Session, person: Resident) -> date:
    """The day of their last visit; of the notice when none names them."""
    db = session.store.db
    day = people.last_visit_day(db, people.same_person(db, person.id))
    return date.fromisoformat(max(day or "", person.notice_on))


def ticket_code(session: Session, resident_id: str | None) -> str:
    """The code on the receipt of this person, merged or not; empty when nobody is named, or they are not here."""
    if resident_id is None:
        return ""
    db = session.store.db
    found = day_queries.one(db, Resident, people.root_of_each(db).get(resident_id, resident_id))
    return found.code if found else ""


def full_name(person: Resident) -> str:
    """« Zoé Exemple »."""
    return f"{person.given_name} {person.family_name}".strip()


def _require_born(fields: Mapping[str, object], today: date) -> None:
    year = fields.get("birth_year")
    if isinstance(year, int) and year > today.year:
        raise InvalidInput({"birth_year": _NOT_BORN})


def _unused_code(session: Session) -> str:
    used = {one.code for one in day_queries.every(session.store.db, Resident)}
    code = new_ticket_code()
    while code in used:
        code = new_ticket_code()
    return code
