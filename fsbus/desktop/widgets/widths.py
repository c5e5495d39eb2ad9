"""The width at which screens change their shape."""

NARROW = 1080
"""Logical pixels below which columns fold: with less, choices side by side lose their last letters.

A screen of 1366 zoomed to 200 % has 683."""
