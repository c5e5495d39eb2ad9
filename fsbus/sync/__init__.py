"""Moving changes: the engine of the exchange, and what carries it."""
