"""The few widgets that all screens are made of, each named for a screen reader."""
