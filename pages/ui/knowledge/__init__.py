"""The Knowledge graph page."""
