"""The exchange with the centre: its state, started now or by itself, and the enrolment."""
