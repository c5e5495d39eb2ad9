"""How the state of security is said in French: cards of facts, and the lines of the list of agents."""

from datetime import datetime, timedelta

from fsbus.actions.agents import Access
from fsbus.actions.lost_device import period, size_in_words
from fsbus.actions.security import SecurityState
from fsbus.core import protection
from fsbus.core.clock import local_day, parse_utc_text
from fsbus.core.french import number
from fsbus.desktop.widgets.rows import TableRow
from fsbus.desktop.widgets.told import ToldCard
from fsbus.desktop.written_days import short_day, short_time


def guard_card(state: SecurityState, now: datetime) -> ToldCard:
    """What keeps the data from being lost."""
    check, facts = state.last_check, state.facts
    checked = "jamais sur ce poste"
    if check is not None:
        checked = (
            f"{when(check.at, now)}\u00a0: {'tout est en ordre' if check.sound else 'des défauts restent'}"
        )
    copies = f" ({number(state.backups)} gardées)" if state.backups > 1 else ""
    return ToldCard(
        "Garde des données",
        state.bus,
        (
            (
                "Dernière sauvegarde",
                when(state.last_backup, now, "aucune\u00a0: sauvegardez maintenant") + copies,
            ),
            ("Dernière vérification", checked),
            ("Dernier échange", when(facts.last_sync_at, now, "aucun")),
            ("Centre", state.centre or "aucun\u00a0: ce poste n’est pas rattaché"),
            ("Sans réseau", _lease(state)),
            (
                "Se verrouille seul",
                f"après {state.idle_minutes} minute{'s' if state.idle_minutes > 1 else ''} sans frappe",
            ),
            ("Clé de secours", " ; ".join(state.recovery) or "aucune\u00a0: demandez-la au coordinateur"),
        ),
    )


def content_card(state: SecurityState) -> ToldCard:
    """What a thief would hold, sealed."""
    facts = state.facts
    return ToldCard(
        "Ce qui est sur ce poste",
        size_in_words(state.size),
        (
            ("Visites", number(facts.visits)),
            ("Démarches", number(facts.procedure_records)),
            ("Période", period(state)),
            ("Agents connus", number(state.extent.agents)),
            ("En attente d’envoi", number(facts.pending)),
            ("À vérifier", number(facts.open_conflicts + facts.quarantined)),
            ("Chiffrement", protection.ciphers()),
            ("Phrase secrète", protection.derivation(state.memory_kib, state.rounds, state.lanes)),
            ("Poste", state.device),
        ),
    )


def _lease(state: SecurityState) -> str:
    lease = state.lease
    if lease is None:
        return "sans limite\u00a0: ce poste n’est rattaché à aucun centre"
    left = f"encore {lease.days_left} jours" if lease.days_left > 1 else "moins d’un jour"
    return lease.notice() or f"{left} sans joindre le centre"


def agent_row(access: Access) -> TableRow:
    """One line of the list."""
    way = "invité\u00a0: code pas encore utilisé" if access.invited else "ouvre ce poste"
    return TableRow(access.agent.id, (access.agent.name, "c’est vous" if access.is_me else way))


def when(at: str | None, now: datetime, otherwise: str = "jamais") -> str:
    """A UTC text as one says it today."""
    if at is None:
        return otherwise
    moment = parse_utc_text(at)
    day, today = local_day(moment), local_day(now)
    if day == today:
        return f"aujourd’hui à {short_time(moment)}"
    if day == today - timedelta(days=1):
        return f"hier à {short_time(moment)}"
    return f"le {short_day(day)} à {short_time(moment)}"
