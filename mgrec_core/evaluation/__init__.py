"""Part of mgrec: evaluation."""
