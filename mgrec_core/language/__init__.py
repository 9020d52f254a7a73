"""Part of mgrec: language."""
