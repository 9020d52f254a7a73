"""mgrec: explainable multi-granularity recommendation."""
