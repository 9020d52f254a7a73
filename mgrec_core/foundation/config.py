"""What options are made of: frozen sections that refuse what they do not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Base of the sections: unknown options are refused, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Sections(BaseModel):
    """Sections by name; which names there are is known at run time, as granularities declare theirs."""

    model_config = ConfigDict(extra="allow", frozen=True)

    if TYPE_CHECKING:  # pydantic gives the sections as attributes

        def __getattr__(self, name: str) -> Any: ...
