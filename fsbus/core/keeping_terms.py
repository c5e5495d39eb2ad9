"""How long a person who is followed up is kept, and what they are told of it (RGPD, art. 13)."""

from datetime import date

from fsbus.core.french import full_day

MONTHS_AFTER_CHANGE, MONTHS_AFTER_CONTACT = 12, 24
TOO_LATE = "Terme trop lointain\u00a0: au plus tard le {}, deux ans après le dernier contact."
NOTICE = (
    ("Ce qui est noté", "Votre nom, de quoi vous joindre, votre année de naissance, votre commune, et la suite à donner."),
    (
        "Pourquoi",
        "Vous rappeler et reprendre votre démarche au prochain passage\u00a0; c’est une mission d’intérêt public "
        "(RGPD, article 6-1-e). Rien d’autre n’en est fait.",
    ),
    ("Combien de temps", "Un an après la dernière mise à jour, deux ans au plus après votre dernière visite\u00a0; puis tout est effacé."),
    (
        "Vos droits",
        "Voir ce qui est noté, le faire corriger ou limiter, vous y opposer, demander l’effacement\u00a0: dites-le ici, ou "
        "écrivez à la structure qui porte ce bus (affichée à bord). Réclamation possible auprès de la CNIL.",
    ),
)  # fmt: skip
"""What the person is told, part by part, before anything with their name is recorded."""


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of that month."""
    year, month = divmod(day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(day.year + year, month + 1, last)
        except ValueError:
            continue
    raise ValueError("every month has 28 days")


def term(today: date, last_contact: date) -> date:
    """The last day of keeping after a change made today."""
    return min(months_later(today, MONTHS_AFTER_CHANGE), latest(last_contact))


def latest(last_contact: date) -> date:
    """The latest term that may be given."""
    return months_later(last_contact, MONTHS_AFTER_CONTACT)


def too_late(last_contact: date) -> str:
    """What is wrong with a later one."""
    return TOO_LATE.format(full_day(latest(last_contact)))
