"""Part of mgrec: granularities."""
