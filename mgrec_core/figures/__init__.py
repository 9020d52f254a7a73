"""Figures: pure functions from results and data frames to plotly figures.

Every figure has a title that says what it shows, ``layout.meta["alt"]`` for those who cannot see it,
a transparent background, the same colours for the same granularities in light and dark, and treats
every title, id and label as hostile text.
"""

from .comparison import difference_items, share_dumbbells
from .contributions import contribution_bars
from .distribution import distribution
from .evidence import evidence_bars, waterfall
from .frame import empty
from .interests import interest_bars
from .items import audience_bars, neighbour_bars, segment_shares
from .map import scatter
from .network import network
from .palette import COLOURS_DARK, COLOURS_LIGHT, LABELS, ORDER, PATTERNS, SYMBOLS, template
from .profile import lift_bars
from .quality import quality_chart
from .slope import slope_chart
from .tradeoffs import difference_bars, sweep_lines, tradeoff, weight_bars

__all__ = [
    "COLOURS_DARK",
    "COLOURS_LIGHT",
    "LABELS",
    "ORDER",
    "PATTERNS",
    "SYMBOLS",
    "audience_bars",
    "contribution_bars",
    "difference_bars",
    "difference_items",
    "distribution",
    "empty",
    "evidence_bars",
    "interest_bars",
    "lift_bars",
    "neighbour_bars",
    "network",
    "quality_chart",
    "scatter",
    "segment_shares",
    "share_dumbbells",
    "slope_chart",
    "sweep_lines",
    "template",
    "tradeoff",
    "waterfall",
    "weight_bars",
]  # fmt: skip
