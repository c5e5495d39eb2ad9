"""When and how the application locks itself: nothing touched, the laptop asleep, the panic key."""
