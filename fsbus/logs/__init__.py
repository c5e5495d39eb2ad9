"""What a laptop tells of itself outside the sealed files: its log and its crash reports."""
