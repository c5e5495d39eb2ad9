"""What is kept on this laptop: the encrypted store, its key file, its rows and its reference data."""
