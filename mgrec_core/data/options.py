"""What a person may choose about an import: rules switched off, and how identifiers are treated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from mgrec_core.data.rules import check_switches
from mgrec_core.data.signals.filling import check_strengths
from mgrec_core.data.signals.scale import RatingOptions
from mgrec_core.foundation.documents import NotYamlError, read_yaml
from mgrec_core.foundation.errors import InputError, NotFoundError

Handling = Literal["drop", "hash", "keep"]
HANDLINGS: tuple[Handling, ...] = get_args(Handling)
_LISTS = ("without", *(f"{handling}_columns" for handling in HANDLINGS))
_KEYS = (*_LISTS, "identifiers", "strengths", "ratings")


@dataclass(frozen=True)
class ImportOptions:
    """Choices about one import; the defaults are what nearly everybody wants.

    Attributes
    ----------
    without
        Cleaning rules that are switched off, of those in :data:`mgrec_core.data.rules.RULES` that can be.
    identifiers
        What is done with direct identifiers such as e-mail addresses; None drops attributes and
        hashes ids. Ids cannot be dropped: ``"drop"`` hashes them too.
    columns
        Column name in lower case → what is done with it, detected or not.
    strengths
        Kind of event → how much it says, −1 against an interest to 1 for it; others have the usual strengths.
    ratings
        The marks of the ratings' scale, what is no rating, and which of several ratings counts.
    """

    without: frozenset[str] = frozenset()
    identifiers: Handling | None = None
    columns: Mapping[str, Handling] = field(default_factory=dict)
    strengths: Mapping[str, float] = field(default_factory=dict)
    ratings: RatingOptions = field(default_factory=RatingOptions)

    @classmethod
    def of(
        cls,
        without: Iterable[str] = (),
        identifiers: str | None = None,
        strengths: Mapping[str, object] | None = None,
        ratings: Mapping[str, Any] | None = None,
        **columns: Iterable[str],
    ) -> ImportOptions:
        """Check what was chosen.

        Parameters
        ----------
        without
            Rules to switch off.
        identifiers
            ``drop``, ``hash`` or ``keep``.
        strengths
            Kind of event → number in [−1, 1].
        ratings
            What :meth:`RatingOptions.of` takes.
        columns
            ``drop_columns``, ``hash_columns`` and ``keep_columns``: names of columns.

        Raises
        ------
        InputError
            When a rule or a word is unknown, a rule cannot be switched off, or two choices contradict.
        """
        named: dict[str, Handling] = {}
        for handling in HANDLINGS:
            for name in columns.get(f"{handling}_columns") or ():
                if named.setdefault(name.strip().lower(), handling) != handling:
                    raise InputError(
                        f"the column '{name[:60]}' is to be treated in two ways; choose one of keep,"
                        " hash and drop"
                    )
        chosen = next((one for one in HANDLINGS if one == identifiers), None)
        if identifiers is not None and chosen is None:
            raise InputError(f"identifiers cannot be '{str(identifiers)[:40]}'; choose drop, hash or keep")
        said = RatingOptions.of(**ratings) if ratings else RatingOptions()
        return cls(check_switches(without), chosen, named, check_strengths(strengths or {}), said)

    @classmethod
    def load(cls, path: str | Path) -> ImportOptions:
        """Read the options from a YAML (or JSON) file with the keys of :meth:`to_dict`.

        Raises
        ------
        NotFoundError
            There is no such file.
        InputError
            It is no YAML, or an option is unknown or wrong.
        """
        try:
            content = read_yaml(Path(path).read_text(encoding="utf-8")) or {}
        except FileNotFoundError:
            raise NotFoundError(f"options file {path} does not exist: check --options") from None
        except (OSError, UnicodeDecodeError, NotYamlError) as error:
            reason = " ".join(str(error).split())
            raise InputError(f"options file {path} cannot be read as YAML: {reason}") from None
        return cls.from_dict(content, f"options file {path}")

    @classmethod
    def from_dict(cls, content: Any, place: str = "the options") -> ImportOptions:
        """Return what :meth:`to_dict` gave.

        Raises
        ------
        InputError
            When an option is unknown or wrong.
        """
        if not isinstance(content, dict) or not set(content) <= set(_KEYS):
            raise InputError(f"{place} may hold only {', '.join(_KEYS)}")
        lists: dict[str, list[str]] = {}
        for key in _LISTS:
            value = content.get(key) or []
            lists[key] = value.split(",") if isinstance(value, str) else value
            if not isinstance(lists[key], list) or not all(isinstance(one, str) for one in lists[key]):
                raise InputError(f"{place}: {key} must be a list of names")
        strengths, ratings = content.get("strengths") or {}, content.get("ratings") or {}
        if not isinstance(strengths, dict):
            raise InputError(f"{place}: strengths must give each kind of event a number from −1 to 1")
        known = {one.name for one in fields(RatingOptions)}
        if not isinstance(ratings, dict) or not set(ratings) <= known:
            raise InputError(f"{place}: ratings may hold only {', '.join(sorted(known))}")
        return cls.of(
            identifiers=content.get("identifiers"),
            strengths={str(kind): value for kind, value in strengths.items()},
            ratings=ratings,
            **lists,
        )

    def beside(self, kept: ImportOptions) -> ImportOptions:
        """Return the options of an earlier import with these added; where both speak, these hold."""
        return ImportOptions(
            self.without | kept.without,
            self.identifiers or kept.identifiers,
            {**kept.columns, **self.columns},
            {**kept.strengths, **self.strengths},
            self.ratings.beside(kept.ratings),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the options as plain values, ready for JSON or YAML; only what differs from the defaults."""
        chosen: dict[str, Any] = {"without": sorted(self.without), "identifiers": self.identifiers}
        for handling in HANDLINGS:
            chosen[f"{handling}_columns"] = sorted(n for n, one in self.columns.items() if one == handling)
        chosen |= {"strengths": dict(sorted(self.strengths.items())), "ratings": self.ratings.to_dict()}
        return {key: value for key, value in chosen.items() if value}
