"""The screen of a laptop that was too long without its centre: exchange now, or use a code."""
