"""The forms of time: which are known, which one a column has, and how its cells are read in SQL.

Most values say themselves what they are: numbers that count from 1970 (1e8 seconds and more), ISO 8601,
eight digits that are a date, names of months. What a value alone cannot say, its whole column does:
whether 01/02/2023 is in January or February, and whether 43101 is a day as spreadsheets count them.
A form that fails where another reads every value is wrong; where both read all, a person has to say.
"""

from mgrec_core.data.times.forms import AUTO, EARLIEST, FORMATS, UNITS, Form, check_form
from mgrec_core.data.times.reading import read
from mgrec_core.data.times.samples import time_form
from mgrec_core.data.times.survey import Doubt, Survey, survey

__all__ = [
    "AUTO",
    "EARLIEST",
    "FORMATS",
    "UNITS",
    "Doubt",
    "Form",
    "Survey",
    "check_form",
    "read",
    "survey",
    "time_form",
]
