"""Measurements, each taken beside its limit in the same run."""
