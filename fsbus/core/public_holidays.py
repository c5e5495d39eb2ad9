"""Public holidays of a commune's département, overseas and Alsace-Moselle included."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

_OWN_DAYS = {
    "57": "57", "67": "6AE", "68": "6AE",
    "971": "971", "972": "972", "973": "973", "974": "974", "975": "PM", "976": "976", "977": "BL", "978": "MF",
    "984": "TF", "986": "WF", "987": "PF", "988": "NC",
}  # fmt: skip
"""The départements and territories that have days of their own, as the library calls them."""


def departement_of(commune: str) -> str:
    """The code of the département or territory of a commune, from its INSEE code."""
    return commune[:3] if commune.startswith(("97", "98")) else commune[:2]


def holiday(commune: str, day: date) -> str | None:
    """The name of the public holiday that this day is in this commune; None on other days."""
    return _holidays(_OWN_DAYS.get(departement_of(commune), ""), day.year).get(day)


@lru_cache(maxsize=256)
def _holidays(subdivision: str, year: int) -> Mapping[date, str]:
    # The library takes 80 ms to load: who only unlocks does not wait for it.
    from holidays import country_holidays

    found = country_holidays("FR", subdiv=subdivision or None, years=year, language="fr", expand=False)
    return MappingProxyType(dict(found))
