"""Who opens this laptop: adds, invites and removes agents, changes one's own passphrase."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from fsbus.actions.agents import Access, list_agents
from fsbus.actions.session import Session
from fsbus.core.errors import FsbusError, InvalidInput, WrongPassphrase
from fsbus.desktop.running import Runner
from fsbus.desktop.security.words import agent_row
from fsbus.desktop.unlock.choosing import Phrases, TypedPhrase, problems_of
from fsbus.desktop.widgets.rows import TableRow

T = TypeVar("T")
ADD, INVITE, AGAIN, REMOVE, CHANGE, CODE = "add", "invite", "again", "remove", "change", "code"
FAILED = "Cela n’a pas pu se faire. Un rapport a été écrit\u00a0; rien n’a été changé."
WRONG = "Ce n’est pas votre phrase\u00a0: vérifiez les majuscules, les accents et les espaces."
_NEXT = "Cet agent devra ouvrir le poste avec sa phrase, et elle seule."


class AccessScreen(Protocol):
    """What the presenter needs of the screen."""

    def show_agents(self, rows: Sequence[TableRow]) -> None: ...
    def chosen(self) -> str: ...
    def open_form(self, form: str, heading: str, words: str, submit: str) -> None: ...
    def close_form(self) -> None: ...
    def show_code(self, code: str) -> None: ...
    def typed_name(self) -> str: ...
    def typed_passphrase(self) -> str: ...
    def typed(self) -> TypedPhrase: ...
    def show_phrase(self, phrase: str) -> None: ...
    def set_busy(self, words: str) -> None: ...
    def show_problems(self, problems: dict[str, str]) -> None: ...
    def say(self, text: str) -> None: ...


class AccessJobs(Protocol):
    """What takes long, on the worker; errors are those of the actions."""

    def add(self, name: str, passphrase: str) -> None: ...
    def invite(self, name: str) -> str: ...
    def invite_again(self, agent_id: str, passphrase: str) -> str: ...
    def change(self, old: str, new: str) -> None: ...
    def prove(self, passphrase: str) -> None: ...


class AccessPresenter:
    """``on_remove`` gets the agent's id and name and the proved passphrase; it closes everything and goes on."""

    def __init__(
        self,
        view: AccessScreen,
        session: Session,
        *,
        runner: Runner,
        jobs: AccessJobs,
        phrases: Phrases,
        may_remove: Callable[[], bool],
        on_remove: Callable[[str, str, str], None],
        on_changed: Callable[[], None],
        on_bug: Callable[[Exception], None],
    ) -> None:
        self._view, self._session, self._runner, self._jobs = view, session, runner, jobs
        self._phrases, self._may_remove, self._on_remove = phrases, may_remove, on_remove
        self._on_changed, self._on_bug = on_changed, on_bug
        self._busy = False
        self._proposed = ""
        self._about: Access | None = None

    def refresh(self) -> None:
        """Read the list again and show it."""
        try:
            self._view.show_agents([agent_row(access) for access in list_agents(self._session)])
        except FsbusError as error:
            self._view.say(str(error))

    def open_form(self, form: str) -> None:
        """Show a form, or say why it cannot be filled now."""
        if self._busy:
            return
        if form in (AGAIN, REMOVE):
            self._about = self._of(self._view.chosen())
            refusal = self._refusal(form)
            if self._about is None or refusal:
                self._view.close_form()
                self._view.say(refusal)
                return
        self._view.open_form(form, *self._words(form))
        if form in (ADD, CHANGE):
            self.another_phrase()

    def another_phrase(self) -> None:
        """Propose a new phrase."""
        self._proposed = self._phrases.new()
        self._view.show_phrase(self._proposed)

    def submit(self, form: str) -> None:
        """Do what the form is for, or say everything that is missing."""
        if self._busy:
            return
        if form == CODE:
            self._view.close_form()
            return
        problems: dict[str, str] = {}
        name, mine, typed = self._view.typed_name().strip(), self._view.typed_passphrase(), self._view.typed()
        if form in (ADD, INVITE) and not name:
            problems["agent"] = "Prénom et nom de cet agent\u00a0?"
        if form in (AGAIN, REMOVE, CHANGE) and not mine.strip():
            problems["old"] = "Tapez votre phrase secrète\u00a0: elle dit que c’est bien vous."
        if form in (ADD, CHANGE):
            problems |= problems_of(self._phrases, self._proposed, typed)
        self._view.show_problems(problems)
        if problems:
            return
        new, about = typed.wanted(self._proposed), self._about
        if form == ADD:
            self._start(
                lambda: self._jobs.add(name, new), lambda _: self._done(f"{name} ouvre ce poste. {_NEXT}")
            )
        elif form == INVITE:
            self._start(lambda: self._jobs.invite(name), lambda code: self._give(code, name))
        elif form == CHANGE:
            self._start(
                lambda: self._jobs.change(mine, new),
                lambda _: self._done("Votre phrase est changée\u00a0: l’ancienne n’ouvre plus rien."),
            )
        elif about is not None and form == AGAIN:
            self._start(
                lambda: self._jobs.invite_again(about.agent.id, mine),
                lambda code: self._give(code, about.agent.name),
            )
        elif about is not None:
            self._start(lambda: self._jobs.prove(mine), lambda _: self._remove(about, mine))

    def _remove(self, about: Access, passphrase: str) -> None:
        self._rest()
        self._view.close_form()
        self._on_remove(about.agent.id, about.agent.name, passphrase)

    def _start(self, job: Callable[[], T], done: Callable[[T], None]) -> None:
        self._busy = True
        self._view.set_busy("Un instant…")
        self._runner.run(lambda _tell: job(), done, self._failed)

    def _rest(self) -> None:
        self._busy = False
        self._view.set_busy("")

    def _done(self, text: str) -> None:
        self._rest()
        self._proposed = ""
        self._view.close_form()
        self.refresh()
        self._on_changed()
        self._view.say(text)

    def _give(self, code: str, name: str) -> None:
        self._rest()
        self.refresh()
        self._on_changed()
        self._view.open_form(
            CODE,
            f"Code d’invitation de {name}",
            "Recopiez-le à la main et donnez-le en mains propres ou de vive voix. Il ne sera plus montré, et ne sert "
            "qu’une fois\u00a0: sur l’écran d’ouverture, «\u00a0J’ai un code d’invitation\u00a0».",
            "C’est recopié",
        )
        self._view.show_code(code)

    def _failed(self, error: Exception) -> None:
        self._rest()
        if isinstance(error, WrongPassphrase):
            self._view.show_problems({"old": f"{WRONG} {error}" if error.wait else WRONG})
        elif isinstance(error, InvalidInput):
            self._view.show_problems(error.problems)
        elif isinstance(error, FsbusError):
            self._view.show_problems({"": str(error)})
        else:
            self._view.show_problems({"": FAILED})
            self._on_bug(error)

    def _of(self, agent_id: str) -> Access | None:
        return next((one for one in list_agents(self._session) if one.agent.id == agent_id), None)

    def _refusal(self, form: str) -> str:
        if self._about is None:
            return "Choisissez d’abord un agent dans la liste."
        if self._about.is_me:
            return (
                "On ne se retire pas soi-même\u00a0: un autre agent de ce poste peut le faire."
                if form == REMOVE
                else "Pour votre propre phrase, prenez «\u00a0Changer ma phrase\u00a0»."
            )
        if form == REMOVE and not self._may_remove():
            return "Une visite est en cours de saisie\u00a0: enregistrez-la ou abandonnez-la d’abord."
        return ""

    def _words(self, form: str) -> tuple[str, str, str]:
        name = "" if self._about is None else self._about.agent.name
        return {
            ADD: ("Ajouter un agent", "Cet agent est à côté de vous\u00a0: il note et retape sa propre phrase.", "Ajouter"),
            INVITE: ("Inviter un agent", "Il viendra plus tard, avec un code qui ne sert qu’une fois.", "Donner un code"),
            AGAIN: (
                f"Nouveau code pour {name}",
                "Sa phrase d’avant n’ouvrira plus rien. Ce qui a été saisi sous ce nom le reste.",
                "Donner un code",
            ),
            REMOVE: (
                f"Retirer {name} de ce poste\u00a0?",
                "Sa phrase n’ouvrira plus rien ici, pour de bon. Les clés du poste changent et la base est réécrite\u00a0: "
                "cela prend quelques secondes, puis vous rouvrez avec votre phrase. Ce qui a été saisi reste\u00a0; "
                "les invitations en attente sont à refaire.",
                f"Retirer {name}",
            ),
            CHANGE: ("Changer ma phrase secrète", "Elle ne concerne que vous\u00a0: les autres gardent la leur.", "Changer"),
        }[form]  # fmt: skip
