"""Part of mgrec: learning."""
