"""Part of mgrec: figures."""
