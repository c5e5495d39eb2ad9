"""Takes over from the last visit what is often the same: how and from where, what and how."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from fsbus.core.records import ProcedureRecord
from fsbus.core.visits import Visit
from fsbus.desktop.visit_form.entry import Picked, ProcedureEntry, VisitEntry


def like_previous(
    entry: VisitEntry,
    visit: Visit,
    records: Sequence[ProcedureRecord],
    *,
    commune: Callable[[str], str],
    procedure: Callable[[str], str],
) -> VisitEntry:
    """The entry with what is still empty taken from the visit; never who came, never a text, never an outcome.

    ``commune`` and ``procedure`` give the title of a code, empty for one that is no longer proposed.
    """
    home = visit.resident_commune or ""
    if not entry.resident_commune.text and (title := commune(home) if home else ""):
        entry = replace(entry, resident_commune=Picked(home, title))
    if all(item == ProcedureEntry() for item in entry.procedures):
        known = [(one, title) for one in records if (title := procedure(one.procedure))]
        taken = tuple(
            ProcedureEntry(Picked(one.procedure, title), one.nature, one.mode) for one, title in known
        )
    else:
        # What was begun stays; its empty choices are those of the procedure at the same place.
        like = (
            [*records[: len(entry.procedures)], *list(records[-1:]) * len(entry.procedures)]
            if records
            else []
        )
        taken = tuple(
            replace(item, nature=item.nature or one.nature, mode=item.mode or one.mode)
            for item, one in zip(entry.procedures, like, strict=False)
        )
    return replace(entry, channel=visit.channel, procedures=taken or entry.procedures)
