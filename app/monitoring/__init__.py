"""What whoever operates the service watches: whether money moves, and whether a worker lives."""
