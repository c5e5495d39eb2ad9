"""The French words of a visit's fields, the same where they are typed and where they are read back."""

VISIT = {
    "visited_on": "Jour",
    "started_at": "Heure",
    "minutes": "Durée",
    "channel": "Venue",
    "first_visit": "Première visite",
    "resident_commune": "Commune de résidence",
    "age_band": "Âge",
    "gender": "Genre",
    "autonomy": "Autonomie numérique",
    "satisfaction": "Satisfaction",
    "equipment": "Équipement chez soi",
    "resident_id": "Dossier de la personne",
    "note": "Note",
}
PROCEDURE = {
    "nature": "Nature",
    "mode": "Manière",
    "outcome": "Résultat",
    "precise_answer": "Réponse précise donnée",
    "referral.partner": "Orienté vers",
    "referral.contact": "Contact",
    "referral.channel": "Par quel moyen",
    "referral.on": "Jour du rendez-vous",
    "follow_up.on": "À reprendre le",
    "follow_up.note": "Suite à donner",
    "mandate.kind": "Mandat ou accord",
    "mandate.on": "Donné le",
    "mandate.reason": "Raison de l’accord oral",
    "missing_documents": "Pièces manquantes",
    "blockers": "Blocages",
}
YES_NO = {"yes": "Oui", "no": "Non"}
SATISFACTION = {"1": "1 – Peu satisfaite", "2": "2 – Satisfaite", "3": "3 – Très satisfaite"}
OTHERS = {
    "agent_id": "Agent",
    "stop_commune": "Arrêt",
    "partner": "Partenaire",
    "procedure": "Démarche",
    "referral": "Orientation",
    "follow_up": "Suite à donner",
    "mandate": "Mandat ou accord",
    "name": "Nom",
}
"""Fields that the form fills by itself, or shows as a group."""
