"""Fusion weights learned from held-out events."""
