"""Part of mgrec: data."""
