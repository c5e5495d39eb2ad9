"""What a visit gives on paper: choice, preview, printing and files."""
