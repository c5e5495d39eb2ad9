"""The reference data of a laptop: catalogue, communes, France Services and fiches, and their search.

Kept in `reference.db`, beside the store and encrypted like it, but derived: it is built again from
what the program ships whenever it is missing, and stays out of backups.
"""

from fsbus.store.reference.reference import Reference
from fsbus.store.reference.values import Cancelled, Hit, ImportReport, Progress, Refusal

__all__ = ["Cancelled", "Hit", "ImportReport", "Progress", "Reference", "Refusal"]
