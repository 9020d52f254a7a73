"""The Fusion lab."""
