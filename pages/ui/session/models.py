"""Which language models a visitor may name."""

from __future__ import annotations

from pages.ui.serving.address import beyond_loopback
from pages.ui.session.folders import root


def check(name: str) -> None:
    """Refuse the address of a model that this server does not call for visitors, before it is written down.

    Raises
    ------
    InputError
        The address cannot be read, or its host may not be called.
    """
    from mgrec_core.data.importers.sources.reach import Reach

    if name:
        Reach.of(root(), beyond_loopback()).check_model(name)
