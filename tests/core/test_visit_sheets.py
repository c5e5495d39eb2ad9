"""Receipt, documents and mandate say what was recorded, and nothing of who the person is."""

from dataclasses import replace

import pytest

from fsbus.core import codes, visit_sheets
from fsbus.core.catalog import Commune, Procedure
from fsbus.core.papers import A4, A5, ROLL_80
from fsbus.core.sheets import Part, Sheet
from fsbus.core.visit_sheets import DOCUMENTS, MANDATE, RECEIPT, OnPaper, kinds_for, sheet_of
from tests.builders import procedure_draft, recorded, referral_draft

ON_BEHALF = {
    "mode": "on_behalf",
    "mandate": {"kind": "oral", "on": "2026-11-24", "reason": "Mains bandées."},
}
NAME = "Zéphyrine Nédelec"


class Lists:
    """Two procedures; the debt file has no document."""

    def procedure(self, code: str) -> Procedure | None:
        found = {
            "CNAV-DEM": Procedure(
                "CNAV-DEM",
                "Demande de retraite",
                "CNAV",
                documents=("Pièce d’identité", "Relevé de carrière", "RIB"),
                service_host="www.info-retraite.fr",
            ),
            "BDF-SUR": Procedure("BDF-SUR", "Dossier de surendettement", "BDF"),
        }
        return found.get(code)

    def partner_label(self, code: str) -> str:
        return {"BDF": "Banque de France"}.get(code, code)

    def commune(self, insee_code: str) -> Commune | None:
        return Commune(insee_code, "Guise", departement_code="02") if insee_code == "02361" else None


def told(*procedures: dict[str, object], name: str = "", **changes: object) -> OnPaper:
    what = recorded(procedures=list(procedures), **changes)
    return OnPaper(what.visit, what.records, "Bus Thiérache", "Camille Martin", "23\u00a0novembre 2026", name)


def parts_of(sheet: Sheet) -> dict[str, Part]:
    return {part.heading: part for part in sheet.parts}


def test_the_receipt_says_what_was_done_the_answer_where_to_go_and_what_to_bring() -> None:
    sheet = sheet_of(
        RECEIPT,
        told(referral_draft(follow_up={"on": "2026-12-10", "note": "Vérifier le relevé."})),
        Lists(),
        ROLL_80,
    )
    assert (sheet.title, sheet.paper) == ("Votre reçu", ROLL_80)
    assert sheet.about == "Mardi 24\u00a0novembre 2026 · Guise (02) · Bus Thiérache"
    [part] = sheet.parts
    assert part.heading == "Demande de retraite"
    assert dict(part.facts) == {
        "Organisme": "CNAV",
        "Ce qui a été fait": "Orientation, fait avec vous",
        "Résultat": "Orientation vers un organisme",
        "Réponse": "Relevé de carrière incomplet : pièces listées et remises.",
        "Orienté vers": "CNAV",
        "Contact": "agence de Laon",
        "Par quel moyen": "Sur rendez-vous",
        "Jour du rendez-vous": "jeudi 3\u00a0décembre 2026",
        "À reprendre le": "jeudi 10\u00a0décembre 2026",
    }
    [boxes] = part.boxes
    assert boxes.items == ("relevé de carrière",)


def test_what_describes_the_person_or_is_for_the_service_is_on_no_paper() -> None:
    private = told(
        referral_draft(
            follow_up={"on": "2026-12-10", "note": "SECRET suite"},
            blockers=["debt_or_deduction"],
            **ON_BEHALF,
        ),
        note="SECRET note",
        resident_commune="97105",
        satisfaction=1,
    )
    for kind in kinds_for(private, Lists()):
        words = sheet_of(kind, private, Lists(), A4).in_words()
        for hidden in ("SECRET", "60 à 69", "Femme", "97105", "Dette", "Mains bandées", "Peu satisfaite"):
            assert hidden not in words, (kind, hidden)


@pytest.mark.parametrize("kind", [RECEIPT, DOCUMENTS, MANDATE])
def test_a_name_is_written_only_when_it_was_typed(kind: str) -> None:
    nameless, named = (told(referral_draft(**ON_BEHALF), name=name) for name in ("", NAME))
    assert NAME not in sheet_of(kind, nameless, Lists(), A4).in_words()
    sheet = sheet_of(kind, named, Lists(), A4)
    assert sheet.parts[0].facts[0][1] == NAME
    assert ("n’est pas enregistré" in sheet.foot) == (kind == RECEIPT)


def test_the_documents_that_were_missing_come_first_and_once() -> None:
    [part] = sheet_of(DOCUMENTS, told(referral_draft()), Lists(), A5).parts
    missing, others = part.boxes
    assert missing.items == ("relevé de carrière",)
    assert others.items == ("Pièce d’identité", "RIB")
    assert ("Site officiel", "www.info-retraite.fr") in part.facts


def test_no_sheet_is_offered_that_would_be_empty() -> None:
    assert kinds_for(told(procedure_draft(procedure="BDF-SUR")), Lists()) == (RECEIPT,)
    assert kinds_for(told(procedure_draft(procedure="XX-1")), Lists()) == (RECEIPT,)
    assert kinds_for(told(referral_draft()), Lists()) == (RECEIPT, DOCUMENTS)
    assert kinds_for(told(procedure_draft(procedure="BDF-SUR", **ON_BEHALF)), Lists()) == (RECEIPT, MANDATE)


def test_the_mandate_names_its_procedures_and_no_other_and_what_the_law_asks() -> None:
    sheet = sheet_of(
        MANDATE, told(referral_draft(), procedure_draft(procedure="BDF-SUR", **ON_BEHALF)), Lists(), A4
    )
    parts = parts_of(sheet)
    assert [step.text for step in parts["Démarches confiées"].steps] == [
        "Dossier de surendettement (Banque de France)"
    ]
    words = sheet.in_words()
    for due in (
        "articles 1984",
        "à tout moment",
        "curatelle",
        "R.\u00a0721-2",
        "Valable jusqu’au",
        "deux exemplaires",
    ):
        assert due in words
    assert parts["Signatures"].signatures == ("La personne", "Le conseiller")
    assert parts["Signatures"].facts[0] == (
        "Noté à la visite",
        "Accord oral noté, mardi 24\u00a0novembre 2026",
    )
    assert ("Nom", "Camille Martin") in parts["Le conseiller (mandataire)"].facts
    plain = sheet_of(MANDATE, told(referral_draft(**ON_BEHALF)), Lists(), A4).in_words()
    assert "Surendettement" not in plain


def test_the_notice_tells_whose_data_and_which_rights() -> None:
    without = told(referral_draft())
    of_a_file = replace(
        without, visit=replace(without.visit, resident_id="01a20000-0000-7000-8000-000000000001")
    )
    foots = [sheet_of(RECEIPT, one, Lists(), A5).foot for one in (without, of_a_file)]
    assert all("RGPD" in foot and "rectification" in foot and "cnil.fr" in foot for foot in foots)
    assert foots[0].startswith("Aucun nom")
    assert foots[1].startswith("Cette visite est rattachée à un dossier")


def test_every_outcome_and_manner_has_its_words_for_the_person() -> None:
    assert visit_sheets.OUTCOME.keys() == codes.OUTCOME.keys()
    assert visit_sheets.MODE.keys() == codes.MODE.keys()
    assert visit_sheets.LABELS.keys() == visit_sheets.PAPERS_OF.keys()
