"""Reads one row of an official list into its value, or says what is wrong with it."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from fsbus.core.catalog import Commune, Procedure, Structure, hours_are_tidy, normalise
from fsbus.core.catalog_files import procedure_from

Cells = Mapping[str, str]
Problems = dict[str, str]

PROCEDURE_COLUMNS = (
    "code", "partner", "title_fr", "vdd_fiche_id", "documents", "typical_channel", "service_host", "thematique",
)  # fmt: skip
COMMUNE_COLUMNS = (
    "insee_code", "nom", "codes_postaux", "departement_code", "region_code", "epci_code", "epci_nom",
    "population", "latitude", "longitude",
)  # fmt: skip
HOURS = ("h_lundi", "h_mardi", "h_mercredi", "h_jeudi", "h_vendredi", "h_samedi")
STRUCTURE_COLUMNS = (
    "id_fs", "insee_dep", "lib_fs", "insee_com", "code_postal", "lib_com", "latitude", "longitude", *HOURS,
    "format_fs",
)  # fmt: skip

_CODE = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*")
_FICHE = re.compile(r"(?:[FN]\d{1,7})?")
_TOPIC = re.compile(r"[a-z_]*")
_HOST = re.compile(r"(?:[a-z0-9-]+(?:\.[a-z0-9-]+)+)?")
_INSEE = re.compile(r"(?:\d\d|2[AB])\d{3}")
_POSTCODE = re.compile(r"\d{5}")
_DEPARTEMENT = re.compile(r"\d\d|2[AB]|9[78]\d")
_ESCAPE = re.compile(r"\\x([0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass
class Reader:
    """Collects what is wrong with one row; ``doubts`` are told but do not refuse it."""

    cells: Cells
    problems: Problems = field(default_factory=dict)
    doubts: Problems = field(default_factory=dict)

    def matching(self, name: str, pattern: re.Pattern[str], expected: str) -> str:
        """The cell when it has the wanted form; else a problem that shows what it holds."""
        cell = self.cells[name]
        if not pattern.fullmatch(cell):
            self.problems[name] = f"« {shown(cell)} » : {expected} attendu."
        return cell

    def filled(self, name: str, longest: int = 300) -> str:
        """The cell, which must not be empty."""
        cell = self.cells[name]
        if not cell:
            self.problems[name] = "À remplir."
        elif len(cell) > longest:
            self.problems[name] = f"Texte trop long : {longest} caractères au plus."
        return cell

    def place(self) -> tuple[float | None, float | None]:
        """Latitude and longitude in degrees; both None when left out, or unreadable (a doubt)."""
        texts = self.cells["latitude"], self.cells["longitude"]
        if texts == ("", ""):
            return None, None
        try:
            latitude, longitude = (float(text.replace(",", ".")) for text in texts)
        except ValueError:
            latitude = longitude = math.nan
        if abs(latitude) <= 90 and abs(longitude) <= 180:  # never true of nan
            return latitude, longitude
        self.doubts["latitude"] = f"lieu laissé de côté : « {shown(' / '.join(texts))} »."
        return None, None


def read_procedure(reader: Reader, partners: Mapping[str, str]) -> Procedure | None:
    """A procedure of the catalogue; ``partners`` as given by `fsbus.core.catalog.partner_words`."""
    cells = reader.cells
    reader.matching("code", _CODE, "un code comme CAF-RSA")
    if len(cells["code"]) > 40:
        reader.problems["code"] = "Code trop long : 40 caractères au plus."
    reader.filled("title_fr")
    if normalise(cells["partner"]) not in partners:
        reader.problems["partner"] = f"Organisme inconnu : « {shown(cells['partner'])} »."
    reader.matching("vdd_fiche_id", _FICHE, "un numéro de fiche comme F1050")
    reader.matching("thematique", _TOPIC, "un code de thématique")
    reader.matching("service_host", _HOST, "un nom de site comme www.caf.fr")
    return None if reader.problems else procedure_from(cells, partners, {})


def read_commune(reader: Reader) -> Commune | None:
    """A commune of the official geographic code; an unreadable place is left out, and told as a doubt."""
    cells = reader.cells
    reader.matching("insee_code", _INSEE, "un code INSEE de 5 caractères")
    reader.filled("nom")
    reader.matching("departement_code", _DEPARTEMENT, "un code de département")
    postcodes = tuple(cells["codes_postaux"].split())
    if wrong := [each for each in postcodes if not _POSTCODE.fullmatch(each)]:
        reader.problems["codes_postaux"] = f"« {shown(wrong[0])} » : 5 chiffres attendus."
    population = cells["population"]
    if population and not (population.isascii() and population.isdigit() and len(population) < 10):
        reader.problems["population"] = f"« {shown(population)} » : un nombre entier est attendu."
    latitude, longitude = reader.place()
    if reader.problems:
        return None
    return Commune(
        insee_code=cells["insee_code"],
        name=cells["nom"],
        postcodes=postcodes,
        departement_code=cells["departement_code"],
        region_code=cells["region_code"],
        epci_code=cells["epci_code"],
        epci_name=cells["epci_nom"],
        population=int(population) if population else None,
        latitude=latitude,
        longitude=longitude,
    )


def read_structure(reader: Reader) -> Structure | None:
    """A France Services of the national list; untidy hours and places are kept, and told as doubts."""
    reader.cells = cells = {name: unescape(cell).strip() for name, cell in reader.cells.items()}
    reader.filled("id_fs", longest=40)
    reader.filled("lib_fs")
    reader.matching("insee_dep", _DEPARTEMENT, "un code de département")
    reader.matching("insee_com", _INSEE, "un code INSEE de 5 caractères")
    latitude, longitude = reader.place()
    for day in HOURS:
        if not hours_are_tidy(cells[day]):
            reader.doubts[day] = f"horaires gardés tels quels : « {shown(cells[day])} »."
    if reader.problems:
        return None
    return Structure(
        id=cells["id_fs"],
        departement_code=cells["insee_dep"],
        name=cells["lib_fs"],
        address=cells.get("adresse", ""),
        complement=cells.get("complement_adresse", ""),
        insee_code=cells["insee_com"],
        postcode=cells["code_postal"],
        commune_name=cells["lib_com"],
        latitude=latitude,
        longitude=longitude,
        hours=tuple(cells[day] for day in HOURS),
        by_appointment={"oui": True, "non": False}.get(cells.get("prise_rdv", "").lower()),
        comment=cells.get("commentaire", ""),
        kind=cells.get("type_fs", ""),
        format=cells["format_fs"],
        group=cells.get("groupe_fs", ""),
        award=cells.get("labellisation_fs", ""),
    )


def unescape(cell: str) -> str:
    r"""Turn the ``\x20`` and ``\u2019`` of some published cells back into their characters."""
    if "\\" not in cell:
        return cell
    whole = _ESCAPE.sub(lambda match: chr(int(match.group(1) or match.group(2), 16)), cell)
    return _CONTROL.sub("", whole)


def shown(cell: str) -> str:
    """The beginning of a cell, on one line, fit for a message."""
    return " ".join(_CONTROL.sub(" ", cell).split())[:80]
