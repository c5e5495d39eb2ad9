"""fsbus: the offline-first application of France Services buses."""
