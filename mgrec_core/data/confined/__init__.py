"""Sources that came from outside are read here: in a process of their own, with limits.

A file may be made to harm its reader: two cells of a workbook that ask for half a terabyte, a view
that never ends, a kilobyte that unpacks to five gigabytes. What looks at such a file, previews or
imports it runs in a child process that may use so much memory, time and disk and no more; whoever
asked is told in one sentence when it was too much, and goes on.
"""

from mgrec_core.data.confined.asking import Reading, columns, importing, looking, previewing, proposing
from mgrec_core.data.confined.limits import IMPORTING, LOOKING, NONE, Limits

__all__ = [
    "IMPORTING",
    "LOOKING",
    "NONE",
    "Limits",
    "Reading",
    "columns",
    "importing",
    "looking",
    "previewing",
    "proposing",
]
