"""Says the rule of a stop in plain French, and offers the few rules that a person chooses among."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from fsbus.core.french import MONTHS, WEEKDAYS, weekday_and_full_day
from fsbus.core.recurrence import DAILY, EVEN_WEEKS, MONTHLY, ODD_WEEKS, WEEKLY, YEARLY, Rule, read, text_of
from fsbus.core.redaction import redacted

ONCE, EACH_WEEK, EACH_FORTNIGHT, IN_ODD, IN_EVEN, IN_MONTH, OTHER = (
    "once", "weekly", "fortnight", "odd", "even", "monthly", "other",
)  # fmt: skip
KINDS: Mapping[str, str] = MappingProxyType(
    {
        EACH_WEEK: "Toutes les semaines",
        EACH_FORTNIGHT: "Toutes les deux semaines",
        IN_ODD: "Semaines impaires",
        IN_EVEN: "Semaines paires",
        IN_MONTH: "Certaines semaines du mois",
        ONCE: "Une seule fois",
    }
)
WHICH: Mapping[str, str] = MappingProxyType(
    {"1": "1er", "2": "2e", "3": "3e", "4": "4e", "5": "5e", "-1": "dernier"}
)
_WHICH = {1: "1er", 2: "2e", 3: "3e", 4: "4e", 5: "5e", -1: "dernier", -2: "avant-dernier"}
NO_DAY = "Cochez au moins un jour de la semaine."
NO_WHICH = "Cochez au moins une semaine du mois\u00a0: 1er, 2e… ou dernier."


@redacted("weekdays", "which")
@dataclass(frozen=True)
class Repeating:
    """What a person chose: a kind (`KINDS`, or `OTHER` for a rule made elsewhere), weekdays from 0, which of the month."""

    kind: str
    weekdays: tuple[int, ...] = ()
    which: tuple[int, ...] = ()
    kept: str = ""
    """The rule of kind `OTHER`, as it is."""


def rule_text(chosen: Repeating) -> str:
    """The rule as it is kept. Raises ValueError, in French, when something is still to be chosen."""
    if chosen.kind in (ONCE, OTHER):
        return chosen.kept if chosen.kind == OTHER else ""
    if not chosen.weekdays:
        raise ValueError(NO_DAY)
    each = tuple((0, day) for day in sorted(chosen.weekdays))
    if chosen.kind == IN_MONTH:
        if not chosen.which:
            raise ValueError(NO_WHICH)
        return text_of(
            Rule(MONTHLY, weekdays=tuple((which, day) for which in chosen.which for _, day in each))
        )
    if chosen.kind in (IN_ODD, IN_EVEN):
        return text_of(Rule(YEARLY, weekdays=each, weeks=ODD_WEEKS if chosen.kind == IN_ODD else EVEN_WEEKS))
    return text_of(Rule(WEEKLY, 2 if chosen.kind == EACH_FORTNIGHT else 1, each))


def repeating(text: str, starts_on: str) -> Repeating:
    """The choice that gives this rule; of kind `OTHER` when a person could not have chosen it here."""
    if not text:
        return Repeating(ONCE)
    try:
        rule = read(text)
    except ValueError:
        return Repeating(OTHER, kept=text)
    weekdays = tuple(sorted({day for _, day in rule.weekdays})) or (date.fromisoformat(starts_on).weekday(),)
    which = tuple(dict.fromkeys(which for which, _ in rule.weekdays if which))
    kinds = {(WEEKLY, 1, ()): EACH_WEEK, (WEEKLY, 2, ()): EACH_FORTNIGHT, (MONTHLY, 1, ()): IN_MONTH,
             (YEARLY, 1, ODD_WEEKS): IN_ODD, (YEARLY, 1, EVEN_WEEKS): IN_EVEN}  # fmt: skip
    kind = kinds.get((rule.frequency, rule.interval, rule.weeks))
    if kind is not None and not rule.months and not rule.month_days:
        chosen = Repeating(kind, weekdays, which)
        whole = set(rule.weekdays) or {(0, weekdays[0])}
        if (kind == IN_MONTH) == bool(which) and set(read(rule_text(chosen)).weekdays) == whole:
            return chosen
    return Repeating(OTHER, kept=text)


def said(text: str, starts_on: str) -> str:
    """The rule in plain words: « un mardi sur deux », « 1er et 3e mardi du mois »."""
    first = date.fromisoformat(starts_on)
    if not text:
        return f"le {weekday_and_full_day(first)}"
    try:
        rule = read(text)
    except ValueError:
        return "règle d’une autre version de fsbus"
    return _words(rule, first) + _in_months(rule.months)


def _words(rule: Rule, first: date) -> str:
    names = _all(
        [WEEKDAYS[day] for day in dict.fromkeys(day for _, day in rule.weekdays)]
        or [WEEKDAYS[first.weekday()]]
    )
    every = rule.interval
    if rule.frequency == DAILY:
        return "chaque jour" if every == 1 else f"tous les {every} jours"
    if rule.frequency == WEEKLY:
        if every == 2:
            return f"une semaine sur deux, le {names}" if " " in names else f"un {names} sur deux"
        return f"chaque {names}" if every == 1 else f"toutes les {every} semaines, le {names}"
    if rule.frequency == YEARLY:
        weeks = {ODD_WEEKS: "impaires", EVEN_WEEKS: "paires"}.get(rule.weeks)
        numbers = f"des semaines {weeks}" if weeks else f"des semaines {_all(list(map(str, rule.weeks)))}"
        return f"le {names} {numbers}"
    months = "du mois" if every == 1 else f"tous les {every} mois"
    which = list(dict.fromkeys(which for which, _ in rule.weekdays))
    if rule.weekdays and 0 in which:
        return f"chaque {names} {months}"
    if rule.weekdays:
        return f"{_all([_WHICH.get(one, f'{-one}e avant la fin') for one in which])} {names} {months}"
    days = rule.month_days or (first.day,)
    told = ["dernier jour" if day == -1 else f"{-day}e jour avant la fin" if day < 0 else "1er" if day == 1 else str(day) for day in days]  # fmt: skip
    return f"le {_all(told)} {months}"


def _in_months(months: Sequence[int]) -> str:
    return f", en {_all([MONTHS[month - 1] for month in months])}" if months else ""


def _all(words: Sequence[str]) -> str:
    return " et ".join(filter(None, (", ".join(words[:-1]), words[-1])))
