"""What a text may say of its evidence: titles and numbers that stand there, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mgrec_core.language.generation.grounding import LONGEST, Grounds, ungrounded, whole_sentences

FILMS = Grounds(
    [
        "Heat (1995)",
        "The Lord of the Rings: The Two Towers",
        "“Crocodile” Dundee II",
        "It",
        "千と千尋の神隠し",
    ],
    [62, 8, 1_200],
)
VALUES = Grounds(["genre: Film-Noir", "decade: 1990s", "director: Jean-Pierre Jeunet", "tag: don't"], [40])


@pytest.mark.parametrize(
    "text",
    [
        "Above all “Heat (1995)”, which makes up 62 % of it.",
        'Above all "heat (1995)" and, at 8 %, «It».',
        "This person likes 'Heat (1995)' and the user's other choice is ‘It’.",
        "They like Heat (1995) and The Lord of the Rings: The Two Towers most.",
        "They like Heat, the Two Towers and Crocodile Dundee.".replace("Crocodile Dundee", "Dundee"),
        "About 1,200 or 1200 points speak for 千と千尋の神隠し.",
        "Mostly “Heat (1995)”. However, It comes next: Rings are not far.",
        "They like “The Lord of the Rings: The Two Towers”!",
    ],
)
def test_what_stands_there_may_be_said(text: str) -> None:
    assert ungrounded(text, FILMS) is None


@pytest.mark.parametrize(
    "text",
    [
        "They like film-noir of the 1990s, at 40 %.",
        "They like “Film-Noir” by Jean-Pierre Jeunet, and “director: Jean-Pierre Jeunet” says so.",
        "Jeunet is who they like most.",
        "They like what is tagged with “don't”.",
    ],
)
def test_values_of_attributes_may_be_said_with_and_without_the_attribute(text: str) -> None:
    assert ungrounded(text, VALUES) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("They like “Heat (1995)” and “Casino”.", "it names “Casino”"),
        ("They like “Heat (1996)” a lot.", "it names “Heat (1996)”"),
        ("They like 'Casino' and It.", "it names “Casino”"),
        ("They like ‘Casino’ and It.", "it names “Casino”"),
        ("They like 《Casino》 and It.", "it names “Casino”"),
        ("They like Heat and Casino.", "it names “Casino”"),
        ("Casino is like Heat to them.", "it names “Casino”"),
        ("They like Heat. Casino comes next.", "it names “Casino”"),
        ("The Godfather comes after Heat.", "it names “Godfather”"),
        ("They like Towers Heat Rings.", "it names “Towers Heat Rings”"),
        ("They like the Lord Towers, not It.", "it names “Lord Towers”"),
        ("They like CASINO and It.", "it names “CASINO”"),
        ("They like iRobot and It.", "it names “iRobot”"),
        ("They like Šílení and It.", "it names “Šílení”"),
        ("They like Heat, 63 % of it.", "it says 63"),
        ("They like Heat of 1996.", "it says 1996"),
        ("They like Heat, 6.2 of it.", "it says 6.2"),
        ("They like Heat, 6 2 of it.", "it says 6"),
        ("They like Heat, ٦٣ of it.", "it says ٦٣"),
        ("They like Heat, ½ of it.", "it says ½"),
        ("They like Heat, twenty-two of it.", "it says “twenty”"),
        ("They like Heat and a dozen others.", "it says “dozen”"),
        ("They like Heat и другие.", "it holds words of another language, “и”"),
        ("They like Heat と七人の侍.", "it holds words of another language"),
        ("They like Heat: see www.evil.example now.", "it holds markup or an address"),
        ("They like Heat: see evil.com now.", "it holds markup or an address"),
        ("They like *Heat* very much.", "it holds markup or an address"),
        ("They like [Heat](x) very much.", "it holds markup or an address"),
        ("They like Heat\x1b[2J very much.", "it holds control characters"),
        ("They like “Heat (1995) very much.", "it opens a quotation that it does not close"),
        ("They like Heat (1995)” very much.", "it closes a quotation that it did not open"),
        ("They like a good film now and then.", "it speaks of nothing in the evidence"),
        ("Heat.", "it is no whole sentence"),
        ("They like Heat. " * 40, f"it is longer than {LONGEST} characters"),
    ],
)
def test_what_does_not_stand_there_is_refused(text: str, said: str) -> None:
    found = ungrounded(text, FILMS)
    assert found is not None and found.startswith(said)


@given(st.text(max_size=80))
def test_any_text_is_believed_or_refused_in_one_line(text: str) -> None:
    said = ungrounded(f"They like Heat and {text}", FILMS)
    assert said is None or ("\n" not in said and len(said) < 120)


@given(st.from_regex(r"[A-Z][a-z]{3,12}", fullmatch=True))
def test_no_name_of_its_own_gets_through(name: str) -> None:
    if not any(name.casefold() in span for span in FILMS.spans):
        assert ungrounded(f"They like Heat and {name} as well.", FILMS) is not None
        assert ungrounded(f"They like Heat and “{name.lower()}” as well.", FILMS) is not None


@given(st.integers(0, 10**6))
def test_no_number_of_its_own_gets_through(number: int) -> None:
    believed = ungrounded(f"They like Heat, {number} of it.", FILMS) is None
    assert believed == (number in (62, 8, 1200, 1995))


def test_what_breaks_off_is_cut_and_thoughts_are_not_shown() -> None:
    assert whole_sentences("One. Two “three.” And fo") == "One. Two “three.”"
    assert whole_sentences("no end") == whole_sentences("") == ""
    assert whole_sentences("<think>a. b.\n</think>\nOne.\nTwo!") == "One. Two!"
    assert whole_sentences("Version 1.5 of it. x") == "Version 1.5 of it."
