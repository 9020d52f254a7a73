"""Build options: defaults that are safe, and files that are refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.model.config import Config


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "options.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("text", ["", "# nothing\n", "{}", "null"])
def test_an_empty_file_is_the_defaults(tmp_path: Path, text: str) -> None:
    assert Config.load(write(tmp_path, text)) == Config.load(None) == Config()


def test_what_is_named_is_changed_and_the_rest_stays(tmp_path: Path) -> None:
    found = Config.load(write(tmp_path, "recent:\n  half_life: 5\nknowledge: {space: language}\n"))
    assert found.recent.half_life == 5 and found.knowledge.space == "language"
    assert found.recent.language_share == Config().recent.language_share
    assert Config.load(write(tmp_path, '{"recent": {"half_life": 5}}')).recent.half_life == 5


def test_a_manifest_gives_the_options_back() -> None:
    options = Config.model_validate({"language": {"encoding": "sequence"}, "collaborative": {"rank": 3}})
    assert Config.model_validate(options.model_dump()) == options


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("recent: {half_life: 0}", "recent.half_life"),
        ("recent: {decay: linear}", "recent.decay"),
        ("recent: {half_life: .nan}", "recent.half_life"),
        ("recent: {half_life: .inf}", "recent.half_life"),
        ("recent: {halflife: 3}", "recent.halflife"),
        ("recent: 3", "recent"),
        ("attribute: {max_share: 2}", "attribute.max_share"),
        ("attribute: {min_items: 1.5}", "attribute.min_items"),
        ("knowledge: {space: text}", "knowledge.space"),
        ("knowledge: {rules: [attribute, neighbours]}", "no rule neighbours any more"),
        ("knowledge: {neighbours: {per_item: 3}}", "no rule neighbours any more"),
        ("knowledge: {rules: [attributes]}", "knowledge.rules.0"),
        ("knowledge: {rules: 5}", "knowledge.rules"),
        ("language: {encoding: pool}", "language.encoding"),
        ("collaborative: {regularisation: .inf}", "collaborative.regularisation"),
        ("collaborative: {rank: many}", "collaborative.rank"),
        ("colaborative: {}", "colaborative"),
        ("[1, 2]", "top level"),
        ("3", "top level"),
        ("a: b: c", "YAML"),
        ("\t", "YAML"),
        ("!!python/object/apply:os.system [ls]", "YAML"),
        (b"\xff\xfe\x00", "YAML"),
        (b"\x00\x01", "YAML"),
    ],
)
def test_files_that_are_no_options(tmp_path: Path, text: str | bytes, names: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InputError) as raised:
        Config.load(path)
    message = str(raised.value)
    assert str(path) in message and names in message and "\n" not in message


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="does not exist"):
        Config.load(tmp_path / "none.yaml")
    with pytest.raises(InputError, match="cannot be read"):
        Config.load(tmp_path)
