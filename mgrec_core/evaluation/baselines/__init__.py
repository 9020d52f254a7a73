"""Strong recommenders of others on the same split and the same ranking code.

Each is tuned over a small grid on pairs held out of the *training* part by the same kind of split,
histories as 0/1 or as strengths being one of the options; the best setting is then fitted to the whole
training part.

A new one needs a file such as this, in this package or behind an entry point of ``mgrec.baselines``::

    import numpy as np

    from mgrec_core.evaluation.baselines import Baseline


    def fit(histories, settings):
        sums = histories.sum(axis=0)
        return lambda rows: np.tile(sums, (len(rows), 1)).astype(np.float32)


    MOST = Baseline(name="most", fit=fit, grid=({},))
"""

from mgrec_core.evaluation.baselines.baseline import BASELINES, HISTORIES, Baseline, Fit, Scorer, grid
from mgrec_core.evaluation.baselines.tuning import Fitted, rank, run_baselines

__all__ = ["BASELINES", "HISTORIES", "Baseline", "Fit", "Fitted", "Scorer", "grid", "rank", "run_baselines"]
