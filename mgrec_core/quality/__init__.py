"""Data quality: what the imported data hold, lack and hide, as one document.

One check a module, each a function of the views that returns a section with figures and the
findings; :func:`assess` puts them together. The page, the HTML file and the JSON file show the same.
"""

from __future__ import annotations

from mgrec_core.quality.assessment import SECTIONS, assess
from mgrec_core.quality.document import SEVERITIES, Finding, QualityReport

__all__ = ["SECTIONS", "SEVERITIES", "Finding", "QualityReport", "assess"]
