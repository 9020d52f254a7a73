"""A document as a page (HTML) or a text (Markdown) to read.

The HTML stands alone: no script, nothing fetched, charts as SVG. Texts from the data are hostile: HTML is
escaped by the template engine, Markdown by :func:`escape_markdown`.
"""

from __future__ import annotations

import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from mgrec_core.export.cells import shown
from mgrec_core.export.charts import bars_svg, class_of, palette_css
from mgrec_core.export.charts import text as escaped
from mgrec_core.export.document import Bars, Document, Table


def render_report(document: Document, kind: str) -> str:
    """Render a document.

    Parameters
    ----------
    kind
        ``html`` or ``md``.
    """
    template = _environment(kind).get_template(f"document.{kind}.j2")
    if kind == "md":
        return re.sub(r"\n{3,}", "\n\n", template.render(document=document))
    names = [*document.head.weights]
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Bars):
                names += block.names
            if isinstance(block, Table):
                at = [n for n, column in enumerate(block.columns) if column.kind == "granularity"]
                names += [str(row[n]) for row in block.rows for n in at]
    palette = Markup(palette_css(dict.fromkeys(names)))
    return template.render(document=document, palette=palette)


@cache
def _environment(kind: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("mgrec_core.export", "templates"),
        autoescape=kind == "html",
        finalize=(lambda value: value if isinstance(value, Markup) else Markup(escaped(value)))
        if kind == "html"
        else None,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["md"] = escape_markdown
    environment.globals["shown"] = shown
    environment.globals["class_of"] = class_of
    environment.globals["bars_svg"] = lambda block: Markup(bars_svg(block))
    return environment


def escape_markdown(text: object) -> str:
    r"""Text that Markdown shows as it is, on one line.

    Examples
    --------
    >>> escape_markdown("a|b <i>*c*")
    'a\\|b &lt;i&gt;\\*c\\*'
    """
    line = " ".join(str(text).split())
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_{}\[\]()#+!|$~])", r"\\\1", line)
