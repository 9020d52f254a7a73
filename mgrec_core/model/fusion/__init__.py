"""Part of mgrec: fusion."""
