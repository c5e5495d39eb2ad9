"""The keys of the window, told on a page of their own."""
