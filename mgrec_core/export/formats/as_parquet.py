"""Parquet: a file for each of the document's tables; its metadata say where it comes from."""

from __future__ import annotations

from mgrec_core.export.document import Document
from mgrec_core.export.format import Format

KEY = b"mgrec"
"""Under which the head stands in a file's metadata, as JSON."""


def _write(document: Document) -> dict[str, bytes]:
    import io
    import json

    import pyarrow as pa
    import pyarrow.parquet as pq

    head = json.dumps({"document": document.kind, **document.head.to_dict()}, ensure_ascii=False).encode()
    files = {}
    for name, make in document.frames.items():
        table = pa.Table.from_pandas(make(), preserve_index=False)
        table = table.replace_schema_metadata({**(table.schema.metadata or {}), KEY: head})
        into = io.BytesIO()
        pq.write_table(table, into)
        files[f"-{name}.parquet"] = into.getvalue()
    return files


PARQUET = Format(name="parquet", write=_write, order=4)
