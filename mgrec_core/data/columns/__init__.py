"""What each attribute column of items and users is: its role, and how its cells are split into values."""
