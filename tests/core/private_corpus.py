"""Texts for the never-store guard: made-up values to be refused, ordinary texts that must pass."""

from itertools import pairwise


def nir(body: str) -> str:
    """A made-up NIR with its key (INSEE: 97 minus the remainder; 2A counts 19, 2B counts 18)."""
    key = 97 - int(body.replace("2A", "19").replace("2B", "18")) % 97
    return f"{body}{key:02d}"


def iban(country: str, account: str) -> str:
    """A made-up IBAN with its check digits (ISO 13616)."""
    number = int("".join(str(int(letter, 36)) for letter in f"{account}{country}00"))
    return f"{country}{98 - number % 97:02d}{account}"


def luhn(body: str) -> str:
    """A number of a card, or a SIRET, with its last digit."""
    digits = [int(digit) for digit in body]
    total = sum(
        digit if place % 2 else sum(divmod(digit * 2, 10)) for place, digit in enumerate(reversed(digits))
    )
    return f"{body}{-total % 10}"


def tax_number(body: str) -> str:
    """A made-up tax number (SPI) of ten digits and its key."""
    return f"{body}{int(body) % 511:03d}"


def parted(number: str, sizes: str, mark: str = " ") -> str:
    """The number in groups: « 4-4-4 » says how many signs in each."""
    places = [0]
    for size in sizes.split("-"):
        places.append(places[-1] + int(size))
    return mark.join(number[first:end] for first, end in pairwise(places))


def spoilt(number: str) -> str:
    """The same with a wrong last digit: almost valid."""
    return f"{number[:-1]}{(int(number[-1]) + 1) % 10}"


NIR = nir("2850502361003")
NIR_OF_CORSICA = nir("155082A004012")
NIR_ABROAD = nir("1790799350042")
IBAN = iban("FR", "30006000011234567890189")
IBAN_WITH_LETTERS = iban("FR", "20041010050500013M02606")
CARD = luhn("497010123456789")
AMEX = luhn("37449012345678")
CLUB = luhn("3600123456789")
TAX = tax_number("3023217600")
SIRET = luhn("3801234560001")
_NIR_GROUPS = "1-2-2-2-3-3-2"
NARROW, FIRM, EN = "\u202f", "\u2011", "\u2013"

REFUSED: tuple[tuple[str, str], ...] = (
    (NIR, "nir"),
    (f"son numéro est {parted(NIR, _NIR_GROUPS)}.", "nir"),
    (f"n°{parted(NIR[:13], '1-2-2-2-3-3', '.')}", "nir"),
    (parted(NIR, _NIR_GROUPS, "\u00a0"), "nir"),
    (parted(NIR, _NIR_GROUPS, NARROW), "nir"),
    (parted(NIR, _NIR_GROUPS, FIRM), "nir"),
    (parted(NIR, _NIR_GROUPS, EN), "nir"),
    (parted(NIR, _NIR_GROUPS, " - "), "nir"),
    (parted(NIR, _NIR_GROUPS, "/"), "nir"),
    (parted(NIR, _NIR_GROUPS, "\n"), "nir"),
    (parted(NIR, _NIR_GROUPS, "\u200b"), "nir"),
    (parted(NIR, "3-3-3-3-3"), "nir"),
    (parted(NIR, "5-5-5", "  "), "nir"),
    (parted(NIR, "1-1-1-1-1-1-1-1-1-1-1-1-1-1-1"), "nir"),
    (f"{NIR[:13]} clé {NIR[13:]}", "nir"),
    (f"Mme Exemple ({NIR[:13]}/{NIR[13:]}), carte vitale perdue", "nir"),
    (f"sécu{NIR}", "nir"),
    (f"2 passages, {parted(NIR, _NIR_GROUPS)} 12", "nir"),
    ("".join(chr(0xFF10 + int(digit)) for digit in NIR), "nir"),
    ("".join(chr(0x660 + int(digit)) for digit in NIR), "nir"),
    (NIR_OF_CORSICA, "nir"),
    (NIR_OF_CORSICA.lower(), "nir"),
    (parted(NIR_OF_CORSICA, _NIR_GROUPS), "nir"),
    (parted(nir("293112B033001"), _NIR_GROUPS, "."), "nir"),
    (NIR_ABROAD, "nir"),
    (nir("7850502361003"), "nir"),
    (nir("1853502361003"), "nir"),
    (IBAN, "iban"),
    (parted(IBAN, "4-4-4-4-4-4-3"), "iban"),
    (parted(IBAN, "4-4-4-4-4-4-3", "\u00a0"), "iban"),
    (parted(IBAN, "4-5-5-11-2", "-"), "iban"),
    (parted(IBAN, "2-2-5-5-11-2", "."), "iban"),
    (f"compte {IBAN.lower()} à la Poste", "iban"),
    (f"IBAN:{IBAN}", "iban"),
    (f"RIB {parted(IBAN_WITH_LETTERS, '4-4-4-4-4-4-3')} remis", "iban"),
    (iban("DE", "370400440532013000"), "iban"),
    (iban("GB", "NWBK60161331926819"), "iban"),
    (iban("MC", "11222000010123456789030"), "iban"),
    (iban("BE", "539007547034"), "iban"),
    (iban("NO", "86011117947"), "iban"),
    (CARD, "card"),
    (parted(CARD, "4-4-4-4"), "card"),
    (parted(CARD, "4-4-4-4", "-"), "card"),
    (parted(CARD, "4-4-4-4", "\u00a0"), "card"),
    (parted(CARD, "4-4-4-4", " - "), "card"),
    (parted(CARD, "4-4-4-4", "."), "card"),
    (f"CB {parted(CARD, '4-4-4-4')} 12/27 123", "card"),
    (f"carte {CARD}, exp 12/27", "card"),
    (parted(AMEX, "4-6-5"), "card"),
    (AMEX, "card"),
    (luhn("510510510510510"), "card"),
    (luhn("222100000000000"), "card"),
    (parted(CLUB, "4-6-4"), "card"),
    (f"carte bancaire {CLUB}", "card"),
    (TAX, "tax_number"),
    (parted(TAX, "2-2-3-3-3"), "tax_number"),
    (f"SPI {parted(TAX, '1-3-3-3-3')}", "tax_number"),
    ("numéro fiscal 0 123 456 789 012", "tax_number"),
    ("impôts : 3012345678901", "tax_number"),
    ("allocataire 1234567", "benefit_number"),
    ("n° allocataire : 123 4567 B", "benefit_number"),
    ("CAF de l’Aisne, numéro 1 234 567", "benefit_number"),
    ("dossier CAF n°7654321 à jour", "benefit_number"),
    ("7654321 (allocataire)", "benefit_number"),
    ("mot de passe : soleil", "password"),
    ("Mot de passe\u00a0: Soleil", "password"),
    ("Mot de passe=Soleil2024", "password"),
    ("MOT DE PASSE : SOLEIL", "password"),
    ("mot-de-passe: soleil", "password"),
    ("motdepasse:soleil", "password"),
    ("mdp CAF : 1234", "password"),
    ("mdp ameli → Soleil", "password"),
    ("mdp : Guise02!", "password"),
    ("le mot de passe de la CAF est « soleil »", "password"),
    ("le mot de passe pour France Travail : soleil", "password"),
    ("son mot de passe est Soleil2024!", "password"),
    ("mot de passe : nouveau Soleil2024", "password"),
    ("nouveau mot de passe Soleil2024", "password"),
    ("mdp Azerty123", "password"),
    ("mdp 123456", "password"),
    ("code confidentiel : 4321", "password"),
    ("code secret 4321", "password"),
    ("code PIN 1234", "password"),
    ("code d’accès : 45B12", "password"),
    ("code d'accès 458912", "password"),
    ("password: x", "password"),
    ("mdp=x", "password"),
)
"""(text, kind)."""

PASSING: tuple[str, ...] = (
    "",
    "Rappeler le 03 23 60 00 00 ou le 06.12.34.56.78 avant 17 h.",
    "03 23 60 00 00 / 06 12 34 56 78",
    "Tél. 0323600000, 0612345678",
    "+33 6 12 34 56 78, répondeur",
    "0033323600000",
    "Dossier n° 2026-1124-000123 déposé le 24/11/2026.",
    "Dossier n° 2026112400123, référence 20261124-0001-23",
    "Demande ANTS FR-2026-11-24-000457 envoyée à 09:20:31",
    "Rendez-vous le 03/12/2026 à 14h30, puis le 17/12/2026 à 9h00",
    "24/11/2026 - 01/12/2026 - 08/12/2026",
    "2026-11-24 2026-12-01 2026-12-08",
    "Née en 1958, à la retraite depuis 2020",
    "02120 Guise, 02140 Vervins, 02500 Hirson, 02260 La Capelle",
    "code postal 02120, code APE 8411Z, code INSEE 02361",
    f"SIRET {SIRET} de l’association",
    f"SIRET {parted(SIRET, '3-3-3-5')}",
    f"employeur : {SIRET}",
    "SIRET 12345678901234 de l’association",
    "SIREN 552 100 554",
    "Facture de 1 234 567,89 €",
    "12 500 €, 8 000 €, 3 250,50 € et 950 € par an",
    "quotient familial 612, loyer 540,00 €, APL 231,57 €",
    "Facture EDF 10 123 456 789 du 24/11/2026",
    "contrat 6 123 456 789, compteur 12345678901234",
    "PDL 09123456789012",
    "0000 0000 0000 0000",
    "1111111111111111",
    "3 enfants de 4, 7 et 11 ans",
    "colis 6A12345678901 à la Poste",
    "lettre 1A 234 567 8901 2",
    "ticket 12, 13 et 14",
    "version 6.12.34 du 24.11.2026",
    "48.8566, 2.3522",
    "BP 12345, 02007 Laon Cedex",
    "De 25 minutes à 1 heure, selon le dossier complet ou non",
    "de 12 personnes venues ce matin, quatre reviendront jeudi avec leurs pièces",
    "le 12 rue de la Paix, no 14 ou se 16 selon les jours de la semaine",
    "cerfa 13750*05, cerfa 12669*02 et cerfa n° 14882*02",
    "F1050, F21089, R2037",
    "ISBN 978-2-07-036822-8",
    "EAN 3017620422003",
    "IP 192.168.100.254",
    "01a20000-0000-7000-8000-00000000a9e7",
    "CAF : 03 23 60 00 00",
    "CAF, droits ouverts depuis le 24/11/2026",
    "la CAF a versé 1 234 567 €",
    "allocataire depuis 2019, rappeler en 2027",
    "allocataire : numéro vérifié",
    "CAF de l’Aisne, 29 boulevard Roosevelt, 02100 Saint-Quentin",
    "agence 0323600000 de la CAF",
    "numéro fiscal vérifié avec lui",
    "impôts : avis de 2026 reçu, 1 250 € à payer le 15/12/2026",
    "A perdu son mot de passe, nouvelle demande faite avec elle",
    "Ne se souvient plus de son mot de passe, courriel de secours ajouté",
    "le mot de passe a été réinitialisé par la personne",
    "mot de passe : réinitialisé par la personne",
    "Mot de passe : oublié, réinitialisé avec elle",
    "mot de passe oublié : procédure faite avec elle",
    "mot de passe : changé ce jour",
    "mot de passe : nouveau demandé par courrier",
    "mot de passe perdu, à refaire le 03/12/2026",
    "mdp oublié",
    "mdp : perdu",
    "mdp changé le 24/11/2026",
    "a créé son mot de passe seule",
    "lui apprendre à choisir un mot de passe de 12 signes",
    "code d’accès non reçu",
    "code d’activation reçu par courrier",
    "passe sanitaire, code de la route, code 3008",
    "code postal : 02120",
    "passeport : photo refusée",
    "Carte grise : cession faite le 24/11/2026, numéro de demande à garder",
    "immatriculation AB-123-CD, première mise en circulation 12/05/2009",
    "Pièces : avis d’imposition 2025, justificatif de domicile < 3 mois",
    f"presque un NIR {spoilt(NIR)}",
    f"presque un NIR {parted(spoilt(NIR), _NIR_GROUPS)}",
    f"presque une carte {spoilt(CARD)}",
    f"presque une carte {parted(spoilt(CARD), '4-4-4-4')}",
    f"presque un compte {spoilt(IBAN)}",
    f"presque un compte {parted(spoilt(IBAN), '4-4-4-4-4-4-3')}",
    f"presque un numéro {spoilt(TAX)}",
)
