"""« Tournée »: today’s stops as they happen, the circuit, the week."""
