"""Decides whom the page of people shows, warns of duplicates, and what is done with the person read."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Protocol

from fsbus.actions import people as people_actions
from fsbus.actions.correcting import Undoing
from fsbus.actions.people import Found, People, full_name
from fsbus.actions.people_forgetting import forget, forget_left_over
from fsbus.actions.people_merging import merge
from fsbus.actions.session import Session
from fsbus.core import codes, french
from fsbus.core.clock import local_day, parse_utc_text
from fsbus.core.errors import FsbusError, InvalidInput
from fsbus.core.phones import spaced
from fsbus.core.residents import Resident
from fsbus.desktop.people.typed import Typed
from fsbus.desktop.widgets.rows import TableRow
from fsbus.desktop.widgets.suggestions import Suggestion
from fsbus.desktop.widgets.told import ToldCard
from fsbus.desktop.written_days import read_day, short_day, short_time
from fsbus.store import people, queries

ALL, DUE = "all", "due"
NOBODY = (
    "Personne n’est suivi pour le moment\u00a0: une fiche ne se fait que s’il reste quelque chose à faire."
)
NOT_FOUND = "Personne de ce nom, de ce numéro ou de ce code."
NONE_DUE = "Aucune fiche n’est à effacer."
SAVED, CHANGED = "Personne enregistrée. Code du reçu\u00a0: {}.", "Fiche changée."
MERGED, FORGOTTEN = "Fiches réunies.", "Personne effacée\u00a0: ses visites restent comptées, sans nom."
FORGOTTEN_ALL = "Effacées\u00a0: leurs visites restent comptées, sans nom."
FORGET = "Effacer cette personne pour toujours\u202f?"
FORGET_ALL = "Effacer pour toujours les personnes de cette liste\u202f?"
FORGET_WORDS = (
    "Son nom, ses coordonnées, ses rendez-vous et tous les textes de ses visites disparaissent, ici et au centre. Les visites "
    "restent comptées sans nommer personne. Rien ne pourra être remis."
)
MERGE_WORDS = "Les visites et les rendez-vous vont à la fiche choisie\u00a0; rien n’est perdu. Annulable pendant une demi-minute."
TO_CHOOSE = "Choisissez l’autre fiche dans la liste."
UNREADABLE = "Jour illisible\u00a0: écrivez par exemple 24/11/2027."
ATTACH, ATTACHED = "Rattacher à la visite de {}", "Visite rattachée à la personne."
MOST_VISITS = 5


class PeopleScreen(Protocol):
    """What the presenter needs of the page."""

    def show_lists(self, labels: Mapping[str, str]) -> None: ...
    def chosen_list(self) -> str: ...
    def typed_search(self) -> str: ...
    def show_rows(self, rows: Sequence[TableRow], empty: str, *, due: bool) -> None: ...
    def show_person(self, told: ToldCard | None, *, has_visits: bool, to_attach: str) -> None: ...
    def focus_person(self) -> None: ...
    def choose(self, key: str) -> None: ...
    def open_form(self, heading: str, submit: str, typed: Typed, *, new: bool) -> None: ...
    def typed(self) -> Typed: ...
    def show_alike(self, text: str) -> None: ...
    def suggest_communes(self, found: list[Suggestion]) -> None: ...
    def open_merging(self, words: str) -> None: ...
    def suggest_people(self, found: list[Suggestion]) -> None: ...
    def other_person(self) -> str: ...
    def show_problems(self, problems: Mapping[str, str]) -> None: ...
    def close_forms(self) -> None: ...
    def is_form_open(self) -> bool: ...
    def confirm(self, question: str, words: str) -> bool: ...
    def say(self, text: str) -> None: ...


class PeoplePresenter:
    """``on_changed`` is told of what was saved; ``on_merged`` what takes a merge back."""

    def __init__(
        self,
        view: PeopleScreen,
        session: Session,
        *,
        on_count: Callable[[int], None],
        on_changed: Callable[[], None],
        on_merged: Callable[[str, tuple[Undoing, ...]], None],
        read_visit: Callable[[str], None],
    ) -> None:
        self._view, self._session, self._people = view, session, People(session)
        self._on_count, self._on_changed, self._on_merged = on_count, on_changed, on_merged
        self._read_visit = read_visit
        self._read = ""
        self._changing = ""
        self._began = Typed()

    def count(self) -> None:
        """Tell how many are to be erased."""
        self._on_count(len(self._due()) + bool(self._left_over()))

    def refresh(self) -> None:
        """Read everything anew; a form that is open stays."""
        self.count()
        due, left = self._due(), self._left_over()
        self._view.show_lists(
            {
                ALL: f"Toutes ({french.number(self._people.count())})",
                DUE: f"À effacer ({french.number(len(due) + bool(left))})",
            }
        )
        if self._view.chosen_list() == DUE:
            rows = [self._row(Found(one, f"terme le {self._day(one.keep_until)}")) for one in due]
            if left:
                words = f"Visites et rendez-vous d’une personne déjà effacée\u00a0: {len(left)}"
                rows.append(TableRow("", (words, "", "", "", "à vider")))
            self._view.show_rows(rows, NONE_DUE, due=bool(rows))
        else:
            text = self._view.typed_search()
            found = [self._row(one) for one in self._people.find(text)]
            self._view.show_rows(found, NOT_FOUND if text.strip() else NOBODY, due=False)
        if not self._view.is_form_open():
            self._show()

    def open(self, key: str) -> None:
        """Read a person."""
        self._read = key
        self._view.close_forms()
        self._show()
        self._view.focus_person()

    def ask_new(self) -> None:
        """Open the form on nobody, with the name that was looked for."""
        self._changing = ""
        text = self._view.typed_search().strip()
        name = text if text and not any(letter.isdigit() for letter in text) else ""
        self._view.open_form(
            "Nouvelle personne", "Enregistrer la personne", Typed(family_name=name), new=True
        )
        self.warn()

    def ask_change(self) -> None:
        """Open the form on the person who is read."""
        person = self._people.person(self._read)
        if person is not None:
            self._changing = person.id
            until = date.fromisoformat(person.keep_until).strftime("%d/%m/%Y")
            typed = Typed.of(person, self._commune(person.commune), until)
            self._view.open_form("Changer la fiche", "Enregistrer", typed, new=False)
            self._began = self._view.typed()

    def warn(self) -> None:
        """Tell who the person being typed may be already."""
        alike = self._people.alike(self._view.typed().as_fields(), but=self._changing)
        told = "\n".join(
            f"Déjà suivie\u202f? {self._in_short(one)}\u00a0: {', '.join(why.reasons)}." for one, why in alike
        )
        self._view.show_alike(told)

    def submit(self) -> None:
        """Record the new person, or what was changed."""
        typed, session = self._view.typed(), self._session
        fields = typed.as_fields()
        try:
            if self._changing:
                del fields["notice"]
                # Against what the form began with: what a colleague changed elsewhere stays.
                began = self._began.as_fields()
                changed = {name: value for name, value in fields.items() if value != began[name]}
                if typed.keep_until != self._began.keep_until:
                    changed["keep_until"] = self._until(typed)
                people_actions.change(session, self._changing, changed)
                self._read, said = self._changing, CHANGED
            else:
                made = people_actions.create(session, fields)
                self._read, said = made.id, SAVED.format(made.code)
        except FsbusError as error:
            self._view.show_problems(_problems(error))
            return
        self._done(said)

    def suggest_communes(self, text: str) -> None:
        """Propose communes for what is typed."""
        found = self._session.reference.search_communes(text, 8)
        self._view.suggest_communes([Suggestion(hit.insee_code, hit.label) for hit in found])

    def ask_merge(self) -> None:
        """Ask which other record is of the same person."""
        person = self._people.person(self._read)
        if person is not None:
            self._view.open_merging(f"{self._in_short(person)}. {MERGE_WORDS}")

    def suggest_people(self, text: str) -> None:
        """Propose the others who are found by this text."""
        found = [one.person for one in self._people.find(text, 9) if one.person.id != self._read]
        self._view.suggest_people(
            [Suggestion(one.id, full_name(one), str(one.birth_year or spaced(one.phone))) for one in found]
        )

    def do_merge(self) -> None:
        """Record that both are one person."""
        other = self._view.other_person()
        if not other:
            self._view.show_problems({"other": TO_CHOOSE})
            return
        try:
            undoing = merge(self._session, self._read, other)
        except FsbusError as error:
            self._view.show_problems(_problems(error))
            return
        self._read = other
        # Told with what takes it back: a line here would still say it once it is taken back.
        self._done("")
        self._on_merged(MERGED, undoing)

    def forget(self) -> None:
        """Erase the person who is read, once the agent has said yes."""
        person = self._people.person(self._read)
        if person is not None and self._view.confirm(f"{FORGET}\n{self._in_short(person)}", FORGET_WORDS):
            self._erase(lambda: forget(self._session, [person.id]), FORGOTTEN)

    def forget_due(self) -> None:
        """Erase everybody whose term is over, once the agent has said yes."""
        due = [one.id for one in self._due()]
        if self._view.confirm(FORGET_ALL, FORGET_WORDS):
            self._erase(lambda: forget(self._session, due) + forget_left_over(self._session), FORGOTTEN_ALL)

    def attach(self) -> None:
        """Say that the person came to the visit that was just recorded."""
        visit = people_actions.visit_to_attach(self._session)
        if visit is None or not self._read:
            return
        try:
            people_actions.attach(self._session, self._read, visit.id)
        except FsbusError as error:
            self._view.show_problems(_problems(error))
            return
        self._done(ATTACHED)

    def read_last_visit(self) -> None:
        """Read the newest visit of the person."""
        visits = self._visits(self._read)
        if visits:
            self._read_visit(visits[0][1])

    def _erase(self, work: Callable[[], int], said: str) -> None:
        try:
            work()
        except FsbusError as error:
            self._view.say(error.words)
            return
        self._read = ""
        self._done(said)

    def _done(self, said: str) -> None:
        self._view.close_forms()
        self.refresh()
        # The line under the keyboard is the person beside it: « Effacer » never seems to mean somebody else.
        self._view.choose(self._read)
        self._on_changed()
        self._view.say(said)

    def _show(self) -> None:
        person = self._people.person(self._read)
        visits = [] if person is None else self._visits(person.id)
        found = people_actions.visit_to_attach(self._session)
        told = None if person is None else self._told(person, visits)
        attach = ATTACH.format(short_time(parse_utc_text(found.started_at))) if found else ""
        self._view.show_person(told, has_visits=bool(visits), to_attach=attach)

    def _told(self, person: Resident, visits: list[tuple[str, str]]) -> ToldCard:
        merged = "\n".join(self._in_full(one) for one in self._people.merged_with(person.id))
        more = f" et {len(visits) - MOST_VISITS} autres" if len(visits) > MOST_VISITS else ""
        facts = (
            ("Téléphone", spaced(person.phone)),
            ("Courriel", person.email),
            ("Année de naissance", str(person.birth_year or "")),
            ("Commune", self._commune(person.commune)),
            ("Note", person.note),
            ("Visites", ", ".join(self._day(day) for day, _ in visits[:MOST_VISITS]) + more),
            ("Code du reçu", person.code),
            ("Information", f"{codes.NOTICE[person.notice]}, le {self._day(person.notice_on)}"),
            ("Gardée jusqu’au", self._day(person.keep_until)),
            ("Fiches réunies", merged),
        )
        return ToldCard(full_name(person), "", tuple(fact for fact in facts if fact[1]))

    def _row(self, found: Found) -> TableRow:
        one = found.person
        why = ", ".join(part for part in (found.why, f"aussi {found.also}" if found.also else "") if part)
        name = f"{one.family_name} {one.given_name}".strip()
        return TableRow(
            one.id,
            (name, str(one.birth_year or ""), spaced(one.phone), self._commune(one.commune), why),
        )

    def _in_short(self, one: Resident) -> str:
        born = f", {one.birth_year}" if one.birth_year else ""
        return f"{full_name(one)}{born}"

    def _in_full(self, one: Resident) -> str:
        parts = (
            self._in_short(one),
            spaced(one.phone),
            one.email,
            self._commune(one.commune),
            one.note,
            one.code,
        )
        return ", ".join(part for part in parts if part)

    def _visits(self, key: str) -> list[tuple[str, str]]:
        """(day, id), the newest first."""
        db = self._session.store.db
        held = people.of_people(db, people.same_person(db, key)).visits
        shown = [visit for one in held if (visit := queries.visit(db, one)) is not None]
        return sorted(((one.visited_on, one.id) for one in shown), reverse=True)

    def _until(self, typed: Typed) -> str:
        """The term that was typed."""
        day = read_day(typed.keep_until, self._today(), ahead=True)
        if day is None:
            raise InvalidInput({"keep_until": UNREADABLE})
        return day.isoformat()

    def _due(self) -> list[Resident]:
        return self._people.overdue(self._today().isoformat())

    def _left_over(self) -> Mapping[str, str]:
        return people.of_the_forgotten(self._session.store.db)

    def _commune(self, code: str | None) -> str:
        commune = self._session.reference.commune(code) if code else None
        return commune.name if commune else code or ""

    def _day(self, day: str) -> str:
        return short_day(date.fromisoformat(day))

    def _today(self) -> date:
        return local_day(self._session.clock.now())


def _problems(error: FsbusError) -> Mapping[str, str]:
    return error.problems if isinstance(error, InvalidInput) else {"": error.words}
