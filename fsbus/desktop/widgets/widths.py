"""The width at which screens change their shape."""

NARROW = 900
"""Logical pixels below which columns fold; a screen of 1366 zoomed to 200 % has 683."""
