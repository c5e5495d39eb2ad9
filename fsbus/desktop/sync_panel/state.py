"""What is known of the exchange with the centre, and how it is said in French."""

from dataclasses import dataclass
from enum import Enum

from fsbus.core.french import duration, number
from fsbus.core.redaction import redacted
from fsbus.desktop.widgets.rows import TableRow

TOLERATED_SKEW = 600
"""Seconds of a wrong clock that nobody is told of."""


class Reach(Enum):
    """What the last attempt said of the centre."""

    NOT_TRIED = "not_tried"
    ONLINE = "online"
    OFFLINE = "offline"
    REFUSED = "refused"


@redacted()
@dataclass(frozen=True)
class SyncState:
    """The state of the exchange. ``last_contact`` is a French text, empty before the first one."""

    enrolled: bool = False
    server: str = ""
    waiting: int = 0
    conflicts: int = 0
    quarantined: int = 0
    last_contact: str = ""
    reach: Reach = Reach.NOT_TRIED
    busy: bool = False
    trouble: str = ""
    """What must be done by somebody; empty when nothing must."""
    why: str = ""
    """Why the centre was not reached, and what may be done about it."""
    sent: int = 0
    """Operations that the centre has confirmed."""
    skew: float = 0.0
    """Seconds by which this laptop's clock was ahead of the centre's when last heard."""
    history: tuple[TableRow, ...] = ()
    """The last exchanges, the newest first."""
    lease: str = ""
    """How long this laptop may still work off line; empty without a centre."""
    warning: str = ""
    """That it was long without the centre; empty as long as it was not."""

    name: str = ""
    """The laptop's name in five groups of five, as a coordinator compares it by voice."""
    refused: str = ""
    """The centre's last word on this laptop, when it does not take it in: a problem of `fsbus.store.standing`."""
    refusal: str = ""
    """The same in French, and what to do."""

    def line(self) -> str:
        """The state in one calm line for the status bar."""
        parts = (self._short_warning(), *self._told(), self._to_check())
        return " — ".join(part for part in parts if part)

    def advice(self) -> str:
        """What to do now, in a sentence or two."""
        if self.enrolled and self.refused == "pending":
            # The name stands below, in large.
            return "Ce poste attend l’accord du coordinateur\u00a0: lisez-lui ce nom au téléphone. Tout est gardé ici."
        if self.enrolled and self.refusal:
            return self.refusal
        if self.trouble:
            return self.trouble
        if not self.enrolled:
            return "Demandez un code à usage unique au coordinateur pour rattacher ce poste au centre."
        if self.warning:
            return self.warning
        if self.busy:
            return "Échange en cours\u00a0: continuez à travailler, rien ne l’attend."
        offline = self.reach is Reach.OFFLINE and self.why
        tried = f"{self.why} fsbus essaie de nouveau de lui-même." if offline else ""
        if self.conflicts or self.quarantined:
            choose = "Des saisies sont à vérifier\u00a0: ouvrez «\u00a0À vérifier\u00a0». Rien n’est perdu."
            return f"{tried} {choose}".strip()
        if tried:
            return tried
        if self.waiting:
            return "Rien à faire : les saisies partiront d’elles-mêmes dès que le réseau le permet."
        return "Rien à faire : tout est parti."

    def facts(self) -> list[tuple[str, str]]:
        """Each fact with its French label; the clock only when it is wrong."""
        clock = [("Horloge de ce poste", self._clock())] if abs(self.skew) >= TOLERATED_SKEW else []
        return [
            ("Centre", self.server or "Aucun"),
            ("Nom de ce poste", self.name),
            ("Saisies en attente d’envoi", number(self.waiting)),
            ("Saisies confirmées par le centre", number(self.sent)),
            ("Dernier échange réussi", self.last_contact or "Aucun pour l’instant"),
            ("Travail possible sans réseau", self.lease or "Sans limite"),
            ("Saisies à départager", number(self.conflicts)),
            ("Saisies mises de côté par le centre", number(self.quarantined)),
            *clock,
        ]

    def _clock(self) -> str:
        way = "avance" if self.skew > 0 else "retarde"
        days = round(abs(self.skew) / 86_400)
        much = f"{number(days)} jours" if days > 1 else duration(round(abs(self.skew) / 60))
        return f"{way} de {much}\u00a0: réglez la date et l’heure"

    def _short_warning(self) -> str:
        return "" if self.busy else self.warning.partition(".")[0]

    def _waiting(self) -> str:
        if self.waiting == 0:
            return "aucune saisie en attente"
        return "1 saisie en attente" if self.waiting == 1 else f"{number(self.waiting)} saisies en attente"

    def _told(self) -> tuple[str, ...]:
        safe = "tout est enregistré sur ce poste"
        if not self.enrolled:
            return "Poste non rattaché à un centre", self._waiting(), safe
        if self.busy:
            return "Échange en cours avec le centre", self._waiting()
        if self.refused == "pending":
            return "En attente de l’accord du coordinateur", self._waiting(), safe
        if self.refused:
            return "Poste refusé par le centre\u00a0: appelez le coordinateur", self._waiting(), safe
        if self.reach is Reach.REFUSED:
            return "À vérifier : voir Synchronisation", self._waiting(), safe
        if self.reach is Reach.OFFLINE:
            return "Hors ligne", self._waiting(), safe
        if self.waiting:
            return self._waiting().capitalize(), safe
        return (f"À jour avec le centre{f' ({self.last_contact})' if self.last_contact else ''}",)

    def _to_check(self) -> str:
        count = self.conflicts + self.quarantined
        if count == 0:
            return ""
        return "1 saisie à vérifier" if count == 1 else f"{number(count)} saisies à vérifier"
