"""Findings about what the language model reads."""

from __future__ import annotations

from mgrec_core.language import Reading
from mgrec_core.quality.texts import KEY, check


def found(reading: Reading) -> dict[str, str]:
    section, findings = check(reading.to_dict())
    assert section.key == KEY and len(section.numbers) == 3
    assert all(finding.section == KEY and "--model" in finding.remedy for finding in findings)
    return {finding.check: finding.severity for finding in findings}


def test_nothing_is_found_where_all_is_read() -> None:
    assert found(Reading(17_632, 17_550, 0.0053, 12, 256)) == {}


def test_each_way_to_read_badly_has_a_finding() -> None:
    assert found(Reading(160, 40, 0.81, 0, 256)) == {"unknown_words": "high", "texts_alike": "high"}
    assert found(Reading(100, 92, 0.0, 30, 256)) == {"texts_alike": "low", "texts_cut": "low"}
    assert found(Reading(100, 100, 0.12, 90, 256)) == {"unknown_words": "medium", "texts_cut": "medium"}


def test_scripts_are_told_and_where_behaviour_is_unreliable() -> None:
    section, findings = check(
        Reading(160, 40, 0.81, 0, 256, {"Chinese characters": 0.9, "Latin": 0.1}).to_dict()
    )
    assert [(n.key, n.value) for n in section.numbers[1:3]] == [
        ("script_chinese", 0.9),
        ("script_latin", 0.1),
    ]
    assert all("unreliable" in finding.meaning for finding in findings)


def test_without_a_build_the_section_says_so() -> None:
    section, findings = check({})
    assert section.absent and not findings
