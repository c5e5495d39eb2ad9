"""What the « Imprimer » page has done on the worker: files, which never wait on the screen."""

from pathlib import Path

from fsbus.core.sheets import Sheet


class PaperJobs:
    """Each file is written whole or not at all; raises InvalidInput and StoreUnavailable."""

    def write(self, sheet: Sheet, path: Path) -> Path:
        """A PDF, or a page for a browser, by the end of the name."""
        if path.suffix.lower() == ".pdf":
            from fsbus.desktop.sheet_pdf import write_sheet_pdf

            return write_sheet_pdf(sheet, path)
        from fsbus.actions.paper import write_sheet_page

        return write_sheet_page(sheet, path)
