"""Takes the next edition of an official list: in full or not at all, with each refused row named."""

from pathlib import Path

from fsbus.store.reference import Cancelled, ImportReport, Progress, Reference


def import_reference(
    reference: Reference,
    kind: str,
    path: Path,
    *,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> ImportReport:
    """Replace one kind of reference data (catalog, fiches, communes, structures) by a file.

    One transaction: rows that cannot be taken are refused and named, the others are in, and what the
    new edition no longer holds is dropped (procedures and communes stay known to old records). Raises
    InvalidInput when the file as a whole cannot be taken, or when more than half of it is refused;
    ImportCancelled when ``cancelled`` answered true. Nothing is changed then.
    """
    return reference.load(kind, path, progress=progress, cancelled=cancelled)
