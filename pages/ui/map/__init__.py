"""The map: its parameters, its computation in the background, colours, cohorts, what a click opens."""

from .chart import show
from .parameters import describe, parameters

__all__ = ["describe", "parameters", "show"]
