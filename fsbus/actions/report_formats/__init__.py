"""The files that a month's report may be written to: CSV, spreadsheet, page, JSON."""
