"""One item: what is near it, how well it is known, and who gets to see it."""
