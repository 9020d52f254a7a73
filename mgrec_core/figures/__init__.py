"""Figures: pure functions from results and data frames to plotly figures.

Every figure has a title that says what it shows, ``layout.meta["alt"]`` for those who cannot see it,
a transparent background, the same colours for the same granularities in light and dark, and treats
every title, id and label as hostile text.
"""

from mgrec_core.figures.comparison import difference_items, share_dumbbells
from mgrec_core.figures.contributions import contribution_bars
from mgrec_core.figures.distribution import distribution
from mgrec_core.figures.evidence import evidence_bars, waterfall
from mgrec_core.figures.frame import empty
from mgrec_core.figures.interests import interest_bars
from mgrec_core.figures.items import audience_bars, neighbour_bars, segment_shares
from mgrec_core.figures.map import scatter
from mgrec_core.figures.network import network
from mgrec_core.figures.palette import template
from mgrec_core.figures.profile import lift_bars
from mgrec_core.figures.quality import quality_chart
from mgrec_core.figures.slope import slope_chart
from mgrec_core.figures.themes import theme_bars
from mgrec_core.figures.tradeoffs import difference_bars, sweep_lines, tradeoff, weight_bars

__all__ = [
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
    "theme_bars",
    "tradeoff",
    "waterfall",
    "weight_bars",
]  # fmt: skip
