"""The errors that fsbus raises on purpose, each with a French message fit for the agent."""

from collections.abc import Mapping


class FsbusError(Exception):
    """Something known went wrong; the message says what happened and what to do next."""

    @property
    def words(self) -> str:
        """The message as an agent reads it."""
        return str(self)


class InvalidInput(FsbusError):
    """What was typed or given cannot be taken. Correct the named fields; nothing was written.

    ``problems`` maps a field path (``minutes``, ``procedures[0].precise_answer``) to a French sentence.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__(" ".join(f"{field} : {text}" for field, text in self.problems.items()))

    @property
    def words(self) -> str:
        """The sentences alone: a screen shows no names of fields."""
        return " ".join(self.problems.values())


class NotAllowed(FsbusError):
    """This role may not do that. Ask the coordinator."""


class LeaseExpired(NotAllowed):
    """This laptop was too long without its centre. Synchronise, or use a coordinator's code; nothing is lost."""


class StoreError(FsbusError):
    """The encrypted store of this laptop could not be used."""


class WrongPassphrase(StoreError):
    """The passphrase opens nothing here. Check capital letters and spaces, then try again.

    ``wait``: seconds before the next try is taken.
    """

    def __init__(self, message: str, wait: int = 0) -> None:
        self.wait = wait
        super().__init__(message)


class TooSoon(WrongPassphrase):
    """Too many wrong passphrases in a row: this one was not tried. Wait ``wait`` seconds, then try again."""


class StoreTooNew(StoreError):
    """A newer fsbus wrote this store. Install that version; nothing was changed."""


class StoreUnavailable(StoreError):
    """The store is absent, locked by another window, or the disk is full. Nothing was lost."""


class DiskRefuses(StoreUnavailable):
    """The disk or the folder takes nothing more. What was saved stays readable, and can leave by an exchange."""


class DiskFull(DiskRefuses):
    """No room is left. Make room, then do it again."""


class DiskReadOnly(DiskRefuses):
    """The folder or a file in it cannot be changed. Look at its rights."""


class DiskFailing(DiskRefuses):
    """The disk does not answer as it must. What was told as saved was durable before."""


class ReadOnly(StoreUnavailable):
    """This laptop was opened for reading only: nothing was written. The message says why and what to do."""


class StoreDamaged(StoreError):
    """A file of the store is damaged. Do not delete anything; run `fsbus check`."""


class KeysDamaged(StoreDamaged):
    """The key file is damaged. Do not delete anything; call the coordinator."""


class SyncError(FsbusError):
    """The exchange with the centre did not end. Everything is still saved on this laptop."""


class Offline(SyncError):
    """The centre cannot be reached. Keep working; the entries leave when the network returns."""


class Interrupted(Offline):
    """The link was cut in the middle of an exchange. What the centre confirmed is safe; try again."""


class ClockDoubted(Offline):
    """A certificate is not valid at the date that this laptop shows. Look at its clock, then try again."""


class UpgradeRequired(SyncError):
    """The centre no longer serves this version. Entries still leave; install the newer fsbus."""


class DevicePending(SyncError):
    """A coordinator has to approve this laptop first: read its name to them. Nothing is lost meanwhile."""


class DeviceRevoked(SyncError):
    """This laptop is no longer accepted by the centre. Call the coordinator."""


class DeviceUnknown(DeviceRevoked):
    """The centre does not know this laptop, or not its key. Call the coordinator."""
