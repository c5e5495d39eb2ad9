"""One recorded visit, read back in full."""
