"""What people must check: values to choose between, what the centre put aside, what was removed."""
