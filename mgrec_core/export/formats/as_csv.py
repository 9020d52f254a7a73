"""CSV: a table of the list and one of the evidence."""

from __future__ import annotations

from mgrec_core.export.format import Format, UserResults


def _write(results: UserResults) -> dict[str, str]:
    import pandas as pd

    from mgrec_core.export.cells import safe_csv

    files = {"-ranked.csv": safe_csv(results.ranked.to_frame())}
    evidence = [
        explanation.to_frame(results.top).assign(item_id=item.item_id, rank=item.rank)
        for item, explanation in zip(results.ranked.items, results.explanations, strict=True)
    ]
    if evidence:
        files["-evidence.csv"] = safe_csv(pd.concat(evidence, ignore_index=True))
    return files


CSV = Format(name="csv", write=_write, order=1)
