"""CSV: a file for each of the document's tables, and one that says where they come from."""

from __future__ import annotations

from mgrec_core.export.document import Document
from mgrec_core.export.format import Format


def _write(document: Document) -> dict[str, str]:
    import pandas as pd

    from mgrec_core.export.cells import safe_csv

    files = {f"-{name}.csv": safe_csv(make()) for name, make in document.frames.items()}
    about = pd.DataFrame(document.head.lines(), columns=["name", "value"])
    return {**files, "-about.csv": safe_csv(about)}


CSV = Format(name="csv", write=_write, order=1)
