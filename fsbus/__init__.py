"""fsbus: the offline-first application of France Services buses."""

__version__ = "0.1.0"
