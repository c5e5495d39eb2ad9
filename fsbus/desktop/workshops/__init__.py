"""Workshops of digital skills: the list of a month, the form, the year by theme."""
