"""YAML documents that people write: read as plain values, or refused in one sentence."""

from __future__ import annotations

from typing import Any

import yaml

MOST = 1 << 20
"""Characters of a document; more is none that a person wrote."""


class NotYamlError(ValueError):
    """Why a text is no YAML that is read here."""


class _Loader(yaml.SafeLoader):
    """Reads plain values; a name for a part of the document, of which bombs are made, is refused."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            mark = self.get_event().start_mark  # type: ignore[no-untyped-call]
            raise NotYamlError(f"line {mark.line + 1} refers to another part with *: write it out")
        return super().compose_node(parent, index)


def read_yaml(text: str) -> Any:
    """Return what a YAML (or JSON) document holds; None for an empty one.

    Raises
    ------
    NotYamlError
        It is no YAML, is nested too deeply, too long, or refers to parts of itself.
    """
    if len(text) > MOST:
        raise NotYamlError(f"it has more than {MOST:,} characters")
    try:
        return yaml.load(text, Loader=_Loader)
    except NotYamlError:
        raise
    except yaml.MarkedYAMLError as error:
        place = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise NotYamlError(f"{place}{error.problem or 'it is no YAML'}") from None
    except RecursionError:
        raise NotYamlError("it is nested too deeply") from None
    except (yaml.YAMLError, ValueError, OverflowError, TypeError) as error:
        raise NotYamlError(" ".join(str(error).split())[:200]) from None
