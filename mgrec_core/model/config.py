"""What a build can be told; every field has a default that was measured on real data.

The sections are declared where they are used: the language model's in :mod:`mgrec_core.language.config`,
a granularity's in its own file (:class:`mgrec_core.model.granularities.Spec`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError, create_model, model_validator

from mgrec_core.data.knowledge.config import without_former
from mgrec_core.foundation.config import Section, Sections
from mgrec_core.foundation.documents import NotYamlError, read_yaml
from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.language.config import LanguageConfig
from mgrec_core.model.granularities import Spec, registry


class Config(Sections):
    """All options of a build: ``language``, and a section for each granularity that declares one.

    Examples
    --------
    >>> Config().recent.half_life
    3.0
    """

    language: LanguageConfig = LanguageConfig()

    @model_validator(mode="before")
    @classmethod
    def _sections(cls, given: object) -> dict[str, Any]:
        """Check and complete the sections; those of nobody are refused."""
        return dict(_known().model_validate(given))

    @classmethod
    def of_build(cls, stored: Mapping[str, Any]) -> Config:
        """The options of a stored build, without sections and rules that are gone since."""
        stored = without_former(dict(stored))
        known = _known().model_fields
        return cls.model_validate({name: section for name, section in stored.items() if name in known})

    @classmethod
    def load(cls, path: str | Path | None) -> Config:
        """Read a YAML (or JSON) file; ``None`` gives the defaults.

        Raises
        ------
        NotFoundError
            There is no such file.
        InputError
            It is no YAML, or an option is unknown or out of range.
        """
        if path is None:
            return cls()
        path = Path(path)
        try:
            content = read_yaml(path.read_text(encoding="utf-8")) or {}
        except FileNotFoundError:
            raise NotFoundError(f"config file {path} does not exist: check --config") from None
        except (OSError, UnicodeDecodeError, NotYamlError) as error:
            reason = " ".join(str(error).split())
            raise InputError(f"config file {path} cannot be read as YAML: {reason}") from None
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "top level"
            said = first["msg"].removeprefix("Value error, ")
            raise InputError(f"config file {path}, option {where}: {said}") from None


def _known() -> type[Section]:
    return _composed(registry.specs())


@lru_cache(maxsize=4)
def _composed(specs: tuple[Spec, ...]) -> type[Section]:
    """Every section with its defaults, in the fixed order."""
    sections: dict[str, type[Section]] = {"language": LanguageConfig}
    sections |= {spec.name: spec.options for spec in specs if spec.options is not None}
    fields: dict[str, Any] = {name: (section, section()) for name, section in sections.items()}
    return create_model("Config", __base__=Section, **fields)
