"""Whether the language model of the build can read the items' texts."""

from __future__ import annotations

from typing import Any

from mgrec_core.language import Reading
from mgrec_core.language.reading import ALIKE, CUT, UNKNOWN
from mgrec_core.quality.document import Finding, Part, Section
from mgrec_core.quality.wording import graded, number, part_of

KEY = "texts"


def check(texts: dict[str, Any]) -> Part:
    """Return what the build counted of the texts, and a finding for each way to read them badly.

    Parameters
    ----------
    texts
        What the build's manifest says of them; empty where nothing is built or there are no texts.
    """
    about = "What the language model can tell of the items' texts: unknown words, long texts, equal vectors."
    if not texts:
        absent = "Nothing is built yet, or no item has a text that the build's model reads by tokens."
        return Section(key=KEY, title="Texts", about=about, absent=absent), ()
    reading = Reading.from_dict(texts)
    section = Section(
        key=KEY,
        title="Texts",
        about=about,
        numbers=(
            number(
                "unknown_tokens",
                "unknown tokens",
                reading.unknown_tokens,
                "tokens that the model does not know / tokens of all different texts",
                "share",
            ),
            *(
                number(
                    f"script_{name.split()[0].lower()}",
                    f"letters that are {name}",
                    share,
                    f"letters of the script {name} / letters of all different texts",
                    "share",
                )
                for name, share in list(reading.scripts.items())[:5]
            ),
            number(
                "texts_alike",
                "texts that look like another",
                reading.alike,
                "1 − different token sequences that the model reads / different texts",
                "share",
            ),
            number(
                "texts_cut",
                "texts that are cut",
                reading.cut,
                f"texts of more than {reading.limit} tokens / different texts",
                "share",
            ),
        ),
    )
    return section, tuple(_findings(reading))


def _findings(reading: Reading) -> list[Finding]:
    found = []
    foreign = reading.unknown_tokens >= UNKNOWN
    other = "Build with a model of the texts' language: `build --model NAME`."
    if foreign:
        found.append(
            Finding(
                check="unknown_words",
                section=KEY,
                severity=graded(reading.unknown_tokens, high=0.3, medium=0.1),
                title="The language model does not know the texts' words",
                value=reading.unknown_tokens,
                number=f"{100 * reading.unknown_tokens:.3g} % of the tokens are unknown to it",
                definition="tokens that the model does not know / tokens of all different texts",
                meaning="Behaviour is unreliable: it compares items by what little the model can read."
                if reading.unreliable
                else "What it cannot read says nothing: behaviour compares items by the rest alone.",
                remedy=other,
            )
        )
    if reading.alike >= ALIKE:
        same = reading.distinct_texts - reading.distinct_vectors
        longer = "Shorten the texts so that what differs comes first, or build with a model that reads more:"
        found.append(
            Finding(
                check="texts_alike",
                section=KEY,
                severity=graded(reading.alike, high=0.3, medium=0.1),
                title="Different texts have the same vector",
                value=reading.alike,
                number=f"{part_of(same, reading.distinct_texts, 'texts')} look like another",
                definition="1 − different token sequences that the model reads / different texts",
                meaning="To behaviour these items are one and the same, whatever they are"
                f"{': it is unreliable' if reading.unreliable else ''}.",
                remedy=other if foreign or not reading.truncated else f"{longer} `build --model NAME`.",
            )
        )
    if reading.cut >= CUT:
        found.append(
            Finding(
                check="texts_cut",
                section=KEY,
                severity=graded(reading.cut, medium=0.75),
                title="Texts are longer than the language model reads",
                value=reading.cut,
                number=f"{part_of(reading.truncated, reading.distinct_texts, 'texts')} are cut at"
                f" {reading.limit} tokens",
                definition=f"texts of more than {reading.limit} tokens / different texts",
                meaning="Title and attributes are read first; the end of the description is not read.",
                remedy="Shorten the descriptions, or build with a model that reads longer texts:"
                " `build --model NAME`.",
            )
        )
    return found
