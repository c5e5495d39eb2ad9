"""Previews a sheet that holds the words given on standard input, on every paper; writes no file."""

import sys

from fsbus.core.papers import PAPERS
from fsbus.core.sheets import Part, Sheet
from fsbus.desktop.paper.preview import Preview
from fsbus.desktop.sheet_pdf import as_pdf
from fsbus.desktop.style import application
from tests.desktop.keyboard import settle


def main() -> int:
    """Each preview is painted; how many pages were."""
    words = sys.stdin.read()
    app = application()
    preview = Preview()
    preview.resize(800, 600)
    preview.show()
    pages = 0
    for paper in PAPERS.values():
        sheet = Sheet(words, words, (Part(words, facts=((words, words),)),), words, paper)
        preview.show_sheet(sheet)
        settle()
        assert not preview.grab().isNull()
        assert as_pdf(sheet)
        pages += preview.count()
    sys.stdout.write(f"{pages} pages\n")
    del preview, app
    return 0


if __name__ == "__main__":
    sys.exit(main())
