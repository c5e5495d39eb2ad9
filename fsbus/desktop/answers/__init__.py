"""Official answers off line: found as one types, read in a clean page."""
