"""What travels between a laptop and the centre, shared by both."""
