"""JSON: the whole document."""

from __future__ import annotations

import json

from mgrec_core.export.format import Format, UserResults


def _write(results: UserResults) -> dict[str, str]:
    return {".json": json.dumps(results.document, ensure_ascii=False, allow_nan=False, indent=2)}


JSON = Format(name="json", write=_write, order=0)
