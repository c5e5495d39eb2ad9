"""The visit form: a whole visit typed by keyboard alone."""
