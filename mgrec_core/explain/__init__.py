"""Part of mgrec: explain."""
