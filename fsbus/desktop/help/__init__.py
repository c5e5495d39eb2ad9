"""Help in French, read without a network."""
