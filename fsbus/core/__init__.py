"""What is true: pure values and rules, with no I/O and no clock of their own."""
