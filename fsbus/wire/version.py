"""Versions of the protocol, each with the day it was decided."""

PROTOCOL = 1
"""2026-11-23: the first one. See PROTOCOL.md."""

OLDEST_PULL = 1
"""The oldest protocol that may still pull; any version may push."""

CONTENT_TYPE = "application/vnd.fsbus.v1"
