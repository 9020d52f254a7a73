"""Maps: UMAP projections of users and items, the same for the same seed, kept with the build.

umap is imported when a projection is computed and never before: its first use on a machine compiles
for about a minute, which is why the pages leave it to a process of its own.
"""

from mgrec_core.projection.layout import PREPARING, project
from mgrec_core.projection.settings import FUSED, ProjectionSettings, cache_path
from mgrec_core.projection.store import VectorSource, compute_and_store, load, resolve

__all__ = [
    "FUSED", "PREPARING", "ProjectionSettings", "VectorSource", "cache_path", "compute_and_store", "load",
    "project", "resolve",
]  # fmt: skip
