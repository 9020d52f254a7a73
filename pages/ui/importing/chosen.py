"""What was chosen to be imported, kept for the session."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mgrec_core.data.importers.mapping import Mapping
    from mgrec_core.data.importers.sources import Place
    from mgrec_core.data.look import Look
    from mgrec_core.data.preview import Preview
    from mgrec_core.data.questions import Answer, Question


@dataclass
class Chosen:
    """What was chosen to be imported, kept for the session.

    Attributes
    ----------
    source
        Path or address, without a password.
    look
        What a first look found: the format, or tables with samples and a mapping.
    password
        Given apart; it goes to the job through its environment and is written nowhere.
    preview
        What the beginning would become, once asked for.
    previewed
        The mapping that the preview shows; with another one it is out of date.
    answers
        What was asked and answered: key of the question → the question and the answer.
    due
        Whether the preview is to be made without being asked for: at first, and after an answer.
    """

    source: str
    name: str
    look: Look
    password: str = ""
    preview: Preview | None = None
    previewed: Mapping | None = None
    answers: dict[str, tuple[Question, Answer]] = field(default_factory=dict)
    due: bool = False

    @property
    def place(self) -> Place:
        """The source, with the password where there is one."""
        return place_of(self.source, self.password)


def place_of(source: str, password: str) -> Place:
    """Return a source that may be a database's address, with its password."""
    from mgrec_core.data.importers.sources import as_place
    from mgrec_core.data.importers.sources.postgres import PostgresAddress

    place = as_place(source)
    return place.with_password(password) if isinstance(place, PostgresAddress) else place
