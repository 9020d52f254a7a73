"""What would have to be otherwise: without some of a history, under other weights, with an item more.

The built item spaces, the items' matrices and what is known of everybody else stay as they are. "Without
event e" means: this user's weights over the evidence of every granularity are computed again from the history
without it, by the code of the build (recency order, shares, lengths, path counts), then the raw scores, the
scale c_uk and the median m_uk, and the list is ranked again. The item of a removed event does not come back
into the list: the question is what else would be there had it not counted, and it itself would mostly jump
in. Nothing is shown that was not recomputed so.
"""

from __future__ import annotations

from mgrec_core.analysis.counterfactual.document import Counterfactual, counterfactual
from mgrec_core.analysis.counterfactual.pieces import BY, Piece
from mgrec_core.analysis.counterfactual.what_if import Recomputed, what_if

__all__ = ["BY", "Counterfactual", "Piece", "Recomputed", "counterfactual", "what_if"]
