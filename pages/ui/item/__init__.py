"""The Item page."""
