"""JSON: the whole document, as its schema describes."""

from __future__ import annotations

import json

from mgrec_core.export.document import Document
from mgrec_core.export.format import Format


def _write(document: Document) -> dict[str, str]:
    return {".json": json.dumps(document.to_dict(), ensure_ascii=False, allow_nan=False, indent=2)}


JSON = Format(name="json", write=_write, order=0)
