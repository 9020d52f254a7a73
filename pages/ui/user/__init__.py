"""The User page."""
