"""An export format as somebody else would add it: this file alone."""

from __future__ import annotations

from mgrec_core.export import Document, Format


def _write(document: Document) -> dict[str, str | bytes]:
    found = document.to_dict()
    lines = [f"{item['rank']} {item['item_id']}" for item in found["ranked"]["items"]]
    return {".ids.txt": "\n".join(lines), ".bin": bytes([len(found["explanations"])])}


IDS = Format(name="ids", write=_write)
