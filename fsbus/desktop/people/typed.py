"""What is typed of a person, as the form gives it; no Qt."""

from dataclasses import dataclass

from fsbus.core.redaction import redacted
from fsbus.core.residents import Resident


@redacted()
@dataclass(frozen=True)
class Typed:
    """The texts of the form; ``commune`` is a code, ``commune_text`` what stands in its field."""

    family_name: str = ""
    given_name: str = ""
    phone: str = ""
    email: str = ""
    birth_year: str = ""
    commune: str = ""
    commune_text: str = ""
    notice: str = ""
    keep_until: str = ""
    note: str = ""

    @classmethod
    def of(cls, person: Resident, commune_text: str, keep_until: str) -> "Typed":
        """A person as the form shows them."""
        return cls(
            family_name=person.family_name,
            given_name=person.given_name,
            phone=person.phone,
            email=person.email,
            birth_year=str(person.birth_year or ""),
            commune=person.commune or "",
            commune_text=commune_text,
            notice=person.notice,
            keep_until=keep_until,
            note=person.note,
        )

    def as_fields(self) -> dict[str, object]:
        """A draft without the term; what cannot be read stays text, and is refused with its reason."""
        year = self.birth_year.strip()
        return {
            "family_name": self.family_name.strip(),
            "given_name": self.given_name.strip(),
            "phone": self.phone.strip(),
            "email": self.email.strip(),
            "birth_year": (int(year) if year.isascii() and year.isdigit() and len(year) == 4 else year)
            or None,
            "commune": self.commune or self.commune_text.strip() or None,
            "notice": self.notice or None,
            "note": self.note,
        }
