r"""A user's results as files to hand on. A format is one declaration in a module of ``formats``.

A new one needs a file such as this, there or behind an entry point of ``mgrec.exports``::

    from mgrec_core.export import Format

    IDS = Format(
        name="ids",
        write=lambda results: {".txt": "\n".join(item.item_id for item in results.ranked.items)},
    )
"""

from mgrec_core.export.format import FORMATS, Format, UserResults

__all__ = ["FORMATS", "Format", "UserResults"]
