"""What the « Sécurité » page has done on the worker, with the worker's own connection to the store."""

from pathlib import Path

from fsbus.core.sheets import Sheet
from fsbus.desktop.device import Device


class SecurityJobs:
    """Each method takes long and runs on the worker; errors are those of the actions."""

    def __init__(self, device: Device) -> None:
        self._device = device

    def add(self, name: str, passphrase: str) -> None:
        """One more agent, who is here."""
        from fsbus.actions.agents import add_agent

        add_agent(self._device.opened(), name, passphrase)

    def invite(self, name: str) -> str:
        """One more agent, later: the code."""
        from fsbus.actions.agents import invite_agent

        return invite_agent(self._device.opened(), name)[1]

    def invite_again(self, agent_id: str, passphrase: str) -> str:
        """A new code for who forgot the passphrase."""
        from fsbus.actions.agents import invite_again

        return invite_again(self._device.opened(), agent_id, passphrase)

    def change(self, old: str, new: str) -> None:
        """Another passphrase for who works here."""
        from fsbus.actions.agents import change_passphrase

        change_passphrase(self._device.opened(), old, new)

    def prove(self, passphrase: str) -> None:
        """Whether this is the passphrase of who works here; returns, or raises."""
        from fsbus.actions.agents import prove_oneself
        from fsbus.store.home_lock import home_lock

        session = self._device.opened()
        with home_lock(session.home):
            prove_oneself(session, passphrase)

    def check(self) -> tuple[bool, bool]:
        """Verify everything, and rebuild what is derived: whether it is sound, whether something was rebuilt."""
        from fsbus.actions.checking import check_device

        found = check_device(self._device.opened(), repair=True)
        return found.is_sound, bool(found.repaired)

    def back_up(self, folder: Path | None) -> str:
        """A verified backup, in this folder or with the others; the name of its file."""
        from fsbus.actions.backups import back_up_to

        return Path(str(back_up_to(self._device.opened(), folder)["file"])).name

    def write_sheet(self, sheet: Sheet, path: Path) -> tuple[Path, Path]:
        """The sheet as a PDF to print and, beside it, as a page for a screen reader."""
        from fsbus.actions.lost_device import write_sheet
        from fsbus.desktop.sheet_pdf import write_sheet_pdf

        page = path.with_suffix(".html")
        return write_sheet_pdf(sheet, path.with_suffix(".pdf")), write_sheet(sheet, page)
