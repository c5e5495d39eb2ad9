"""The queue at the door: its page, its line on the page of the day, its keys."""
