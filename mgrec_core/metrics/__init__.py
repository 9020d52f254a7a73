"""Measures of lists and scores: arrays in, numbers out."""
