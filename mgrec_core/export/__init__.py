r"""Documents as files to hand on. A format is one declaration in a module of ``formats``.

A new one needs a file such as this, there or behind an entry point of ``mgrec.exports``::

    from mgrec_core.export import Format

    TITLE = Format(name="title", write=lambda document: {".txt": f"{document.title}\n"})
"""

from mgrec_core.export.document import Document
from mgrec_core.export.format import FORMATS, Format

__all__ = ["FORMATS", "Document", "Format"]
