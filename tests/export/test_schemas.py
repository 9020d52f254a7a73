"""Every JSON document is what its published schema says."""

from __future__ import annotations

import copy
import json
from importlib import resources
from typing import Any

import jsonschema
import pytest

from mgrec_core.export import FORMATS
from tests.export.conftest import KINDS, Made


def schema(kind: str) -> dict[str, Any]:
    place = resources.files("mgrec_core.export").joinpath("schemas", f"{kind}.schema.json")
    found: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    return found


def test_there_is_one_for_each_kind(made: Made) -> None:
    there = resources.files("mgrec_core.export").joinpath("schemas").iterdir()
    assert {one.name for one in there} == {f"{kind}.schema.json" for kind in KINDS}
    for kind in KINDS:
        jsonschema.Draft202012Validator.check_schema(schema(kind))


@pytest.mark.parametrize(("hide", "everything"), [(False, False), (True, False), (False, True)])
def test_documents_are_valid(kind: str, made: Made, hide: bool, everything: bool) -> None:
    text = FORMATS["json"].write(made(kind, hide=hide, everything=everything))[".json"]
    jsonschema.validate(json.loads(text), schema(kind), jsonschema.Draft202012Validator)


def test_a_document_without_its_head_is_not(kind: str, made: Made) -> None:
    found = copy.deepcopy(made(kind).to_dict())
    del found["head"]["build"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(found, schema(kind), jsonschema.Draft202012Validator)


def test_the_parts_that_several_have_are_the_same() -> None:
    parts: dict[str, Any] = {}
    for kind in KINDS:
        for name, part in schema(kind)["$defs"].items():
            assert parts.setdefault(name, part) == part
