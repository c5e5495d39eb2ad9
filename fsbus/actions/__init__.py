"""What a person can do on a laptop, as verb functions, one module per noun."""
