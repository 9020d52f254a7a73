"""An export format as somebody else would add it: this file alone."""

from __future__ import annotations

from mgrec_core.export import Format, UserResults


def _write(results: UserResults) -> dict[str, str | bytes]:
    lines = [f"{item.rank} {item.item_id}" for item in results.ranked.items]
    return {".ids.txt": "\n".join(lines), ".bin": bytes([len(results.explanations)])}


IDS = Format(name="ids", write=_write)
