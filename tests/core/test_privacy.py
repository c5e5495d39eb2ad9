"""What may never be stored is found however it is typed, and ordinary texts pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.core.privacy import KINDS, forbidden_kinds, refusal


def nir(body: str) -> str:
    """A made-up NIR with its key (INSEE: 97 minus the remainder; 2A counts 19, 2B counts 18)."""
    key = 97 - int(body.replace("2A", "19").replace("2B", "18")) % 97
    return f"{body}{key:02d}"


def iban(country: str, account: str) -> str:
    """A made-up IBAN with its check digits (ISO 13616)."""
    number = int("".join(str(int(letter, 36)) for letter in f"{account}{country}00"))
    return f"{country}{98 - number % 97:02d}{account}"


def card(body: str) -> str:
    """A made-up card number with its Luhn digit."""
    digits = [int(digit) for digit in body]
    total = sum(
        digit if place % 2 else sum(divmod(digit * 2, 10)) for place, digit in enumerate(reversed(digits))
    )
    return f"{body}{-total % 10}"


NIR = nir("2850502361003")
NIR_OF_CORSICA = nir("155082A004012")
IBAN = iban("FR", "30006000011234567890189")
CARD = card("497010123456789")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (NIR, "nir"),
        (
            f"son numéro est {NIR[0]} {NIR[1:3]} {NIR[3:5]} {NIR[5:7]} {NIR[7:10]} {NIR[10:13]} {NIR[13:]}.",
            "nir",
        ),
        (f"n°{NIR[0]}.{NIR[1:3]}.{NIR[3:5]}.{NIR[5:7]}.{NIR[7:10]}.{NIR[10:13]}", "nir"),
        ("\u00a0".join((NIR[:1], NIR[1:3], NIR[3:5], NIR[5:7], NIR[7:10], NIR[10:13], NIR[13:])), "nir"),
        (NIR_OF_CORSICA, "nir"),
        (NIR_OF_CORSICA.lower(), "nir"),
        (IBAN, "iban"),
        (" ".join(IBAN[place : place + 4] for place in range(0, len(IBAN), 4)), "iban"),
        (f"compte {IBAN.lower()} à la Poste", "iban"),
        (iban("DE", "370400440532013000"), "iban"),
        (CARD, "card"),
        ("-".join(CARD[place : place + 4] for place in range(0, 16, 4)), "card"),
        ("numéro fiscal 0 123 456 789 012", "tax_number"),
        ("impôts : 3012345678901", "tax_number"),
        ("mot de passe : soleil", "password"),
        ("Mot de passe=Soleil2024", "password"),
        ("mdp CAF : 1234", "password"),
        ("son mot de passe est Soleil2024!", "password"),
        ("code confidentiel : 4321", "password"),
        ("password: x", "password"),
        ("mdp=x", "password"),
    ],
)
def test_a_forbidden_value_is_found_and_only_its_kind_is_told(text: str, kind: str) -> None:
    assert kind in forbidden_kinds(text)
    told = refusal(text)
    assert told is not None
    assert KINDS[kind] in told
    assert not any(part in told for part in (NIR, IBAN, CARD, "Soleil", "4321"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Rappeler le 03 23 60 00 00 ou le 06.12.34.56.78 avant 17 h.",
        "Dossier n° 2026-1124-000123 déposé le 24/11/2026.",
        "A perdu son mot de passe : nouvelle demande faite avec elle".replace(" :", ","),
        "Ne se souvient plus de son mot de passe, courriel de secours ajouté",
        "SIRET 12345678901234 de l’association",
        f"{NIR[:-1]}{(int(NIR[-1]) + 1) % 10}",
        f"{CARD[:-1]}{(int(CARD[-1]) + 1) % 10}",
        f"{IBAN[:-1]}{(int(IBAN[-1]) + 1) % 10}",
        "0000 0000 0000 0000",
        "Facture de 1 234 567,89 €",
        "code postal 02120, code APE 8411Z",
    ],
)
def test_an_ordinary_text_passes(text: str) -> None:
    assert forbidden_kinds(text) == ()
    assert refusal(text) is None


@given(before=st.text(alphabet="abé ,.\n", max_size=20), after=st.text(alphabet="abé ,.\n", max_size=20))
def test_a_forbidden_number_is_found_wherever_it_stands(before: str, after: str) -> None:
    for number, kind in ((NIR, "nir"), (IBAN, "iban"), (CARD, "card")):
        assert kind in forbidden_kinds(f"{before} {number} {after}")


@given(text=st.text(max_size=200) | st.text(alphabet="0123456789 .-ABab٣", max_size=60))
def test_any_text_is_looked_at_without_an_error(text: str) -> None:
    assert set(forbidden_kinds(text)) <= set(KINDS)


def test_a_long_text_is_looked_at_quickly() -> None:
    # A pattern that tries everything would take minutes here.
    for text in ("1 " * 2_000, "FR76 " * 800, "mot de passe " * 300, "a1" * 2_000):
        forbidden_kinds(text)
