"""What an event says: kinds of events and ratings as signals in [−1, 1]."""
