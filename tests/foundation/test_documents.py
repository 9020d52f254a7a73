"""YAML that people write is read; what is none is refused in a few words."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mgrec_core.foundation.documents import NotYamlError, read_yaml

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("abc =:#\n", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(PLAIN)
def test_plain_values_are_read_as_they_were_written(value: object) -> None:
    # A dumper names what it meets twice; people do not.
    dumper = type("Plain", (yaml.SafeDumper,), {"ignore_aliases": lambda *_: True})
    assert read_yaml(yaml.dump(value, Dumper=dumper, allow_unicode=True)) == value


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[" * 10_000 + "]" * 10_000, "nested too deeply"),
        ("a: &x [1]\nb: [*x, *x]", "line 2 refers to another part"),
        ("a: [1\nb: 2", "line 2"),
        ("a: 2024-99-99", "month"),
        ("a: !!python/object:os.system {}", "line 1"),
        ("x" * 2_000_000, "characters"),
        ("? [a]\n: 1\n? {b: 1}\n: 2", ""),
        ("\x00", ""),
    ],
)
def test_what_is_refused(text: str, why: str) -> None:
    with pytest.raises(NotYamlError) as told:
        read_yaml(text)
    assert why in str(told.value) and "\n" not in str(told.value)
