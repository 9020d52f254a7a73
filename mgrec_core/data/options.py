"""What a person may choose about an import: rules switched off, and how identifiers are treated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from mgrec_core.data.columns.lists import FORMS, NONE
from mgrec_core.data.columns.roles import ROLES, Role
from mgrec_core.data.rules import check_switches
from mgrec_core.data.signals.filling import check_strengths
from mgrec_core.data.signals.scale import RatingOptions
from mgrec_core.data.times import check_form
from mgrec_core.foundation.documents import NotYamlError, read_yaml
from mgrec_core.foundation.errors import InputError, NotFoundError

Handling = Literal["drop", "hash", "keep"]
HANDLINGS: tuple[Handling, ...] = get_args(Handling)
DIFFERENCES = ("zeros", "case", "quotes", "decimals", "thousands", "prefix")
"""By what two forms of one id may differ: zeros in front, capitals, quotes around it, .0, 71,014, gid://…/."""
_LISTS = ("without", "join_ids", *(f"{handling}_columns" for handling in HANDLINGS))
_PAIRS = ("roles", "separators")
_KEYS = (*_LISTS, "identifiers", "time_form", "strengths", "ratings", *_PAIRS)
_LONGEST_SIGN = 5
_OF_RATINGS = {"liked": "liked", "disliked": "disliked", "no_rating": "missing", "repeats": "repeats"}
_MANY = {"strength": "strengths", "role": "roles", "separator": "separators"} | {
    f"{handling}_column": f"{handling}_columns" for handling in HANDLINGS
}
"""Names of the command line, where they differ → key."""


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
    time_form
        How times are written, where their column cannot decide it; empty lets each column.
    join_ids
        By what ids may differ from those of the catalogue and mean the same, of :data:`DIFFERENCES`.
    strengths
        Kind of event → how much it says, −1 against an interest to 1 for it; others have the usual strengths.
    ratings
        The marks of the ratings' scale, what is no rating, and which of several ratings counts.
    roles
        Attribute column in lower case → what it is, instead of what it would be taken for.
    separators
        Attribute column in lower case → what separates the values of a cell: a sign, one of
        :data:`~mgrec_core.data.columns.lists.FORMS`, or ``none``.
    """

    without: frozenset[str] = frozenset()
    identifiers: Handling | None = None
    columns: Mapping[str, Handling] = field(default_factory=dict)
    time_form: str = ""
    join_ids: tuple[str, ...] = ()
    strengths: Mapping[str, float] = field(default_factory=dict)
    ratings: RatingOptions = field(default_factory=RatingOptions)
    roles: Mapping[str, Role] = field(default_factory=dict)
    separators: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        without: Iterable[str] = (),
        identifiers: str | None = None,
        time_form: str | None = None,
        join_ids: Iterable[str] = (),
        strengths: Mapping[str, object] | None = None,
        ratings: Mapping[str, Any] | None = None,
        roles: Mapping[str, str] | None = None,
        separators: Mapping[str, str] | None = None,
        **columns: Iterable[str],
    ) -> ImportOptions:
        """Check what was chosen.

        Parameters
        ----------
        without
            Rules to switch off.
        identifiers
            ``drop``, ``hash`` or ``keep``.
        time_form
            ``auto``, a unit such as ``days``, or a format such as ``%d/%m/%Y``.
        join_ids
            Names of :data:`DIFFERENCES`.
        strengths
            Kind of event → number in [−1, 1].
        ratings
            What :meth:`RatingOptions.of` takes.
        roles, separators
            Column → role, column → separator.
        columns
            ``drop_columns``, ``hash_columns`` and ``keep_columns``: names of columns.

        Raises
        ------
        InputError
            When a rule, a word or a form is unknown, a rule cannot be switched off, or two choices
            contradict.
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
        joins = tuple(dict.fromkeys(name.strip().lower() for name in join_ids if name.strip()))
        if wrong := [name for name in joins if name not in DIFFERENCES]:
            raise InputError(f"--join-ids cannot be '{wrong[0][:40]}'; choose of {', '.join(DIFFERENCES)}")
        said = RatingOptions.of(**ratings) if ratings else RatingOptions()
        return cls(
            check_switches(without),
            chosen,
            named,
            check_form(time_form or ""),
            joins,
            check_strengths(strengths or {}),
            said,
            _roles(roles or {}),
            _separators(separators or {}),
        )

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
        content = _named(content, place)
        if not isinstance(content, dict) or not set(content) <= set(_KEYS):
            raise InputError(f"{place} may hold only {', '.join(_KEYS)}")
        lists: dict[str, list[str]] = {}
        for key in _LISTS:
            value = content.get(key) or []
            lists[key] = value.split(",") if isinstance(value, str) else value
            if not isinstance(lists[key], list) or not all(isinstance(one, str) for one in lists[key]):
                raise InputError(f"{place}: {key} must be a list of names")
        form = content.get("time_form") or ""
        if not isinstance(form, str):
            raise InputError(f"{place}: time_form must be a text such as %d/%m/%Y")
        strengths, ratings = content.get("strengths") or {}, content.get("ratings") or {}
        if not isinstance(strengths, dict):
            raise InputError(f"{place}: strengths must give each kind of event a number from −1 to 1")
        known = {one.name for one in fields(RatingOptions)}
        if not isinstance(ratings, dict) or not set(ratings) <= known:
            raise InputError(f"{place}: ratings may hold only {', '.join(sorted(known))}")
        pairs = {key: content.get(key) or {} for key in _PAIRS}
        for key, value in pairs.items():
            if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
                raise InputError(f"{place}: {key} must say for each column what it is, as in genre: list")
        return cls.of(
            identifiers=content.get("identifiers"),
            time_form=form,
            strengths={str(kind): value for kind, value in strengths.items()},
            ratings=ratings,
            roles={str(name): one for name, one in pairs["roles"].items()},
            separators={str(name): one for name, one in pairs["separators"].items()},
            **lists,
        )

    def beside(self, kept: ImportOptions) -> ImportOptions:
        """Return the options of an earlier import with these added; where both speak, these hold."""
        return ImportOptions(
            self.without | kept.without,
            self.identifiers or kept.identifiers,
            {**kept.columns, **self.columns},
            self.time_form or kept.time_form,
            self.join_ids or kept.join_ids,
            {**kept.strengths, **self.strengths},
            self.ratings.beside(kept.ratings),
            {**kept.roles, **self.roles},
            {**kept.separators, **self.separators},
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the options as plain values, ready for JSON or YAML; only what differs from the defaults."""
        chosen: dict[str, Any] = {"without": sorted(self.without), "identifiers": self.identifiers}
        chosen |= {"time_form": self.time_form, "join_ids": list(self.join_ids)}
        for handling in HANDLINGS:
            chosen[f"{handling}_columns"] = sorted(n for n, one in self.columns.items() if one == handling)
        chosen |= {"strengths": dict(sorted(self.strengths.items())), "ratings": self.ratings.to_dict()}
        chosen |= {
            "roles": dict(sorted(self.roles.items())),
            "separators": dict(sorted(self.separators.items())),
        }
        return {key: value for key, value in chosen.items() if value}


def _named(content: Any, place: str) -> Any:
    """Return options with the names of the command line under their keys: ``drop-column``, ``no-rating``.

    Raises
    ------
    InputError
        One is given under both names.
    """
    if not isinstance(content, dict):
        return content
    found: dict[Any, Any] = {}
    ratings: dict[Any, Any] = {}
    for key, value in content.items():
        plain = key.replace("-", "_") if isinstance(key, str) else key
        into, name = (
            (ratings, _OF_RATINGS[plain]) if plain in _OF_RATINGS else (found, _MANY.get(plain, plain))
        )
        if name in into:
            raise InputError(f"{place}: {name} is given twice; keep one of them")
        into[name] = value
    if ratings and found.get("ratings") is not None:
        raise InputError(f"{place}: give the marks of ratings either within ratings or beside it")
    if isinstance(none := ratings.get("missing"), str | int | float):
        ratings["missing"] = [] if none == "none" else str(none).split(",")
    return found | ({"ratings": ratings} if ratings else {})


def _roles(given: Mapping[str, str]) -> dict[str, Role]:
    roles: dict[str, Role] = {}
    for name, said in given.items():
        role = next((one for one in ROLES if one == said.strip().lower()), None)
        if role is None:
            raise InputError(
                f"the column '{name[:60]}' cannot have the role '{said[:40]}'; choose one of"
                f" {', '.join(ROLES)}"
            )
        if roles.setdefault(name.strip().lower(), role) != role:
            raise InputError(f"the column '{name[:60]}' is given two roles; keep one of them")
    return roles


def _separators(given: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, sign in given.items():
        if sign not in (*FORMS, NONE) and not 0 < len(sign) <= _LONGEST_SIGN:
            raise InputError(
                f"'{sign[:40]}' cannot separate the values of '{name[:60]}'; give a sign of at most"
                f" {_LONGEST_SIGN} characters, or {', '.join(FORMS)} or {NONE}"
            )
        if found.setdefault(name.strip().lower(), sign) != sign:
            raise InputError(f"the column '{name[:60]}' is given two separators; keep one of them")
    return found
