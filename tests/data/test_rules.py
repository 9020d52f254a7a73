"""The list of rules, and what may be switched off."""

from __future__ import annotations

import pytest

from mgrec_core.data.options import ImportOptions
from mgrec_core.data.rules import RULES, check_switches, fixed_because, list_rules
from mgrec_core.foundation.errors import InputError, NotFoundError


def test_every_rule_is_listed_with_what_switching_it_off_does_or_why_it_cannot_be() -> None:
    rules = {rule.name: rule.to_dict() for rule in list_rules()}
    assert set(rules) == set(RULES) and any(rule["switchable"] for rule in rules.values())
    for name, rule in rules.items():
        assert rule["otherwise"] and rule["switchable"] == (fixed_because(name) is None)


def test_switches_are_checked() -> None:
    assert check_switches([" duplicate-event ", "Cancellation", ""]) == {"duplicate_event", "cancellation"}
    with pytest.raises(InputError, match="did you mean duplicate_event"):
        check_switches(["duplicate_evnt"])
    with pytest.raises(InputError, match="mgrec_core rules"):
        check_switches(["zzzzqqq"])
    with pytest.raises(InputError, match="cannot be switched off: a friendship has no direction"):
        check_switches(["both_directions"])


def test_options_come_from_a_file_and_go_back(tmp_path) -> None:
    path = tmp_path / "options.yaml"
    path.write_text("without: [duplicate_event]\nidentifiers: hash\ndrop_columns: [Notes]\n")
    options = ImportOptions.load(path)
    assert options == ImportOptions.of(["duplicate_event"], "hash", drop_columns=["notes"])
    assert ImportOptions.from_dict(options.to_dict()) == options
    assert ImportOptions().to_dict() == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a list", "may hold only"),
        ("rules: [x]", "may hold only"),
        ("without: 3", "list of names"),
        ("without: [1]", "list of names"),
        ("without: [nothing_such]", "no cleaning rule"),
        ("identifiers: sell", "choose drop, hash or keep"),
        ("keep_columns: [a]\ndrop_columns: [A]", "two ways"),
        ("a: [", "cannot be read as YAML"),
    ],
)
def test_wrong_option_files_are_refused_in_one_line(text: str, said: str, tmp_path) -> None:
    path = tmp_path / "options.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=said) as caught:
        ImportOptions.load(path)
    assert "\n" not in str(caught.value)


def test_a_missing_option_file_is_named(tmp_path) -> None:
    with pytest.raises(NotFoundError, match="does not exist"):
        ImportOptions.load(tmp_path / "no.yaml")
