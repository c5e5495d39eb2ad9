"""Draws up the sheet of a laptop that may be lost one day, while it is still here."""

from datetime import date
from pathlib import Path

from fsbus.actions.reports import replace_file
from fsbus.actions.security import SecurityState
from fsbus.core import protection
from fsbus.core.clock import Clock, as_utc_text
from fsbus.core.french import NO_BREAK, full_day, number
from fsbus.core.lost_device import moment, people_and_data, sheet
from fsbus.core.sheets import Part, Sheet, as_html

UNKNOWN = "non communiqué"


def lost_sheet(state: SecurityState, clock: Clock) -> Sheet:
    """What the sheet says today; the laptop's last exchange and what waited then are the last known ones."""
    return sheet(
        state.device,
        as_utc_text(clock.now()),
        "à l’avance sur le poste",
        (_laptop(state), _data(state)),
        ("Dérivation de la clé", protection.derivation(state.memory_kib, state.rounds, state.lanes)),
        state.idle_minutes,
        state.feed or "BUS",
    )


def write_sheet(drawn: Sheet, path: Path) -> Path:
    """Write it as a page for a browser, whole or not at all. Raises StoreUnavailable."""
    return replace_file(path, as_html(drawn))


def size_in_words(size: int) -> str:
    """Bytes as people say them."""
    return f"{number(size / 1e6, 1)}{NO_BREAK}Mo" if size < 1e9 else f"{number(size / 1e9, 1)}{NO_BREAK}Go"


def period(state: SecurityState) -> str:
    """First and last day of the visits kept here."""
    first, last = state.extent.first_day, state.extent.last_day
    if first is None or last is None:
        return "aucune visite"
    if first == last:
        return f"le {full_day(date.fromisoformat(first))}"
    return f"du {full_day(date.fromisoformat(first))} au {full_day(date.fromisoformat(last))}"


def _laptop(state: SecurityState) -> Part:
    names = ", ".join(
        access.agent.name + (" (invitation en attente)" if access.invited else "") for access in state.access
    )
    return Part(
        "Le poste",
        facts=(
            ("Identifiant du poste", state.device),
            ("Bus", state.bus or UNKNOWN),
            ("Centre", state.centre or "aucun\u00a0: poste non rattaché"),
            ("Agents qui peuvent l’ouvrir", names),
            ("Clés de secours", " ; ".join(state.recovery) or "aucune"),
        ),
    )


def _data(state: SecurityState) -> Part:
    facts, extent = state.facts, state.extent
    return Part(
        "Ce qui est sur le poste",
        facts=(
            (
                "Visites",
                f"{number(facts.visits)}, dont {number(extent.identified)} d’une personne identifiée",
            ),
            ("Personnes ou rendez-vous avec un nom", number(extent.people)),
            ("Démarches", number(facts.procedure_records)),
            ("Période", period(state)),
            *people_and_data(),
            ("Dernier échange avec le centre", moment(facts.last_sync_at, "aucun")),
            ("Saisies en attente d’envoi", f"{number(facts.pending)} (le centre ne les a pas)"),
            ("Taille", size_in_words(state.size)),
        ),
    )
