"""Part of mgrec: projection."""
