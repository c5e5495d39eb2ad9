"""The « Sécurité » page: who opens the laptop, how it is guarded, what is on it."""
