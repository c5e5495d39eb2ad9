"""What is left to do after visits, in lists."""
