"""Made-up days for trainers, demonstrations and measurements: nothing real, everything resettable."""
