"""The cleaning rules by name: what each does, why, and what happens where it is switched off.

Rules of several formats are declared here, those of one format in its importer's file. ``import --without``
may name a rule that says what is done instead; every other stays on, for the reason that
:func:`fixed_because` gives.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import ClassVar

from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.registry import Registry

REPAIRED = "repaired"
REJECTED = "rejected"


@dataclass(frozen=True)
class Rule:
    """One cleaning rule.

    Attributes
    ----------
    name, action, explanation
        As in the receipt; ``action`` is ``"repaired"`` or ``"rejected"``.
    instead
        What is done where ``import --without`` switches it off; None where it cannot be.
    because
        Why it cannot; None takes the reason of all rules of its kind.
    """

    name: str
    action: str
    explanation: str
    instead: str | None = None
    because: str | None = None
    order: ClassVar[int] = 0

    @property
    def switchable(self) -> bool:
        """Whether ``import --without`` may name it."""
        return self.instead is not None

    def to_dict(self) -> dict[str, str | bool]:
        """For lists: ``otherwise`` says what is done instead, or why the rule stays on."""
        return {
            "name": self.name,
            "action": self.action,
            "explanation": self.explanation,
            "switchable": self.switchable,
            "otherwise": self.instead or str(fixed_because(self.name)),
        }


SHARED = (
    Rule(
        "malformed_line",
        REJECTED,
        "the line has not the header's number of fields, or leaves a quote open",
        because="its fields cannot be told apart",
    ),
    Rule(
        "null_id",
        REJECTED,
        "an id, or a name that is needed, is only a word for nothing (NULL, nan, None, N/A …)",
        instead="such a word is an id or a name like any other",
    ),
    Rule(
        "lossy_id",
        REJECTED,
        "the last digits of an id are lost (4.00638E+12, a decimal number beyond 2^53), so that different"
        " ones are written alike; export the ids as text",
        instead="such ids are taken as they are written, and what is written alike is one",
    ),
    Rule("missing_user_id", REJECTED, "there is no user_id"),
    Rule("missing_item_id", REJECTED, "there is no item_id"),
    Rule("missing_friend_id", REJECTED, "there is no friend_id"),
    Rule("missing_head_id", REJECTED, "there is no head_id"),
    Rule("missing_relation", REJECTED, "there is no relation"),
    Rule("missing_tail_id", REJECTED, "there is no tail_id"),
    Rule("confidence_out_of_range", REPAIRED, "the confidence is no number in (0, 1]; 1 was taken"),
    Rule("missing_kind", REJECTED, "there is no kind of feedback"),
    Rule("missing_ad_id", REJECTED, "there is no ad_id"),
    Rule("unknown_ad", REJECTED, "the advertisement is not in the ads file"),
    Rule("unknown_ad_event", REJECTED, "the kind is none of shown, clicked, redeemed"),
    Rule(
        "ends_before_start", REPAIRED, "the period ends before it starts; the advertisement is kept undated"
    ),
    Rule("duplicate_ad", REJECTED, "the ad_id was read before; the alphabetically first of its rows is kept"),
    Rule("duplicate_ad_item", REJECTED, "the same item of the same advertisement was read before"),
    Rule("duplicate_ad_event", REJECTED, "the same event, equal in every column, was read before"),
    Rule(
        "missing_event",
        REPAIRED,
        "the event is not named; the file's default kind was taken",
        because="an event must be of some kind",
    ),
    Rule(
        "rating_not_a_number",
        REJECTED,
        "the rating is not a number",
        instead="the row is kept without its rating",
    ),
    Rule(
        "rating_not_finite",
        REJECTED,
        "the rating is NaN or infinite",
        instead="the row is kept without its rating",
    ),
    Rule(
        "rating_too_large",
        REJECTED,
        "the rating is beyond 1e12, where sums lose their meaning",
        instead="the row is kept without its rating",
    ),
    Rule(
        "weight_too_large",
        REJECTED,
        "the weight is beyond 1e12, where sums lose their meaning",
        instead="the row is kept without its weight",
    ),
    Rule("missing_rating", REJECTED, "there is no rating"),
    Rule("missing_weight", REJECTED, "there is no weight"),
    Rule(
        "weight_not_a_number",
        REJECTED,
        "the weight is not a number",
        instead="the row is kept without its weight",
    ),
    Rule(
        "weight_not_finite",
        REJECTED,
        "the weight is NaN or infinite",
        instead="the row is kept without its weight",
    ),
    Rule("negative_weight", REJECTED, "the weight is below 0", instead="the row is kept without its weight"),
    Rule(
        "taken_back",
        REPAIRED,
        "the number of pieces is below 0: they were taken back, and the event is a refund, which is against",
        instead="the number is a weight like any other, and one below 0 is rejected",
    ),
    Rule(
        "unknown_item",
        REJECTED,
        "the item is not in the catalogue",
        instead="the item is added to the catalogue, without a title",
    ),
    Rule("unknown_user", REJECTED, "the user has no events, friends or profile", instead="the user is added"),
    Rule(
        "self_friend", REJECTED, "a user is named as their own friend", because="a friendship is between two"
    ),
    Rule(
        "duplicate_event",
        REJECTED,
        "the same dated event, equal in every column, was read before",
        instead="every repetition is an event of its own",
    ),
    Rule(
        "duplicate_item",
        REJECTED,
        "the item_id was read before; the alphabetically first of its rows is kept",
    ),
    Rule(
        "duplicate_user",
        REJECTED,
        "the user_id was read before; the alphabetically first of its rows is kept",
    ),
    Rule("duplicate_triple", REJECTED, "the same triple was read before; every source that gave it is kept"),
    Rule("duplicate_friendship", REJECTED, "the same friendship in the same direction was read before"),
    Rule(
        "duplicate_tag",
        REJECTED,
        "the same user gave the same tag to the same item before",
        instead="a tag given again counts again",
    ),
    Rule(
        "duplicate_feedback",
        REJECTED,
        "the same feedback, equal in every column, was read before",
        instead="every repetition is feedback of its own",
    ),
    Rule(
        "decimal_id",
        REPAIRED,
        "an id is written as a decimal number (17850.0, 9e+05) and was made whole",
        instead="ids stay as they are written, so 17850.0 and 17850 are two",
    ),
    Rule(
        "joined_id",
        REPAIRED,
        "an id is written otherwise than in the catalogue and took the form that it has there (--join-ids)",
        because="it follows from --join-ids: leave that out",
    ),
    Rule(
        "null_word",
        REPAIRED,
        "a cell says only NULL, nan, None, N/A or another word for nothing, and was taken as empty",
        instead="such a word is a value like any other",
    ),
    Rule(
        "formula",
        REPAIRED,
        'a text is written as a spreadsheet\'s formula (="000") and was taken out of it',
        instead="the formula is the value",
    ),
    Rule(
        "html_text",
        REPAIRED,
        "tags were taken out of a title or description, and entities such as &amp; were decoded",
        instead="titles and descriptions keep their markup",
    ),
    Rule("updated_item", REPAIRED, "the item was there already; what the row says otherwise replaced it"),
    Rule("updated_user", REPAIRED, "the user was there already; what the row says otherwise replaced it"),
    Rule(
        "updated_ad", REPAIRED, "the advertisement was there already; what the row says otherwise replaced it"
    ),
    Rule(
        "both_directions",
        REPAIRED,
        "the friendship is given in both directions and was kept once",
        because="a friendship has no direction: it is one, said twice",
    ),
    Rule(
        "surrounding_spaces",
        REPAIRED,
        "spaces around a value were removed",
        because="the same id with and without a space would be two",
    ),
    Rule(
        "decimal_comma",
        REPAIRED,
        "the number has a decimal comma, as is usual beside semicolons",
        instead="a number with a comma is not a number",
    ),
    Rule(
        "lower_case",
        REPAIRED,
        "the name was put in lower case",
        instead="names keep their capitals; an event is then of an unknown kind unless in lower case",
    ),
    Rule("not_utf8", REPAIRED, "the file is not UTF-8; the row's text was converted from its older encoding"),
    Rule("utf16", REPAIRED, "the file is UTF-16 or UTF-32, not UTF-8; the row's text was converted"),
    Rule("damaged_utf8", REPAIRED, "characters that are not UTF-8 were replaced by U+FFFD"),
    Rule("null_character", REPAIRED, "NUL characters were replaced by U+FFFD"),
    Rule(
        "fractions_of_second", REPAIRED, "the timestamp is in milli-, micro- or nanoseconds and was converted"
    ),
    Rule(
        "bad_timestamp",
        REPAIRED,
        "the timestamp could not be read; the row is kept undated",
        instead="such rows are undated without a word, also where no time of a file can be read",
    ),
    Rule(
        "zero_timestamp",
        REPAIRED,
        "the timestamp is 0, which is no time; the row is kept undated",
        because="the first second of 1970 is what programs write for no time at all",
    ),
    Rule(
        "impossible_date",
        REPAIRED,
        "the date is in the future or before 1980; the row is kept undated",
        instead="the date is kept as it is given",
    ),
    Rule(
        "unknown_tail_item",
        REPAIRED,
        "the tail's item is not in the catalogue; it was kept as an entity",
        because="a triple must end somewhere",
    ),
)

RULES: Registry[Rule] = Registry(
    Rule, "mgrec_core.data.rules", "mgrec.importers", "mgrec_core.data.importers", shared=True
)
"""Every rule by name: those above, then those of the importers."""

_KINDS = (
    ("missing_*", "without it the row says nothing that could be kept"),
    ("duplicate_*", "the table holds each of them once: there is nowhere to keep a second"),
    ("updated_*", "the table holds each of them once, and what was said last is what holds"),
)


def fixed_because(name: str) -> str | None:
    """Return why a rule cannot be switched off, or None where it can."""
    rule = RULES[name]
    if rule.instead is not None:
        return None
    reason = rule.because or next((why for pattern, why in _KINDS if fnmatchcase(name, pattern)), None)
    return reason or "it is how the value is read at all: without it there is nothing to keep"


def list_rules() -> list[Rule]:
    """Return every rule, those that can be switched off first, each group by name."""
    return sorted(RULES.values(), key=lambda rule: (rule.instead is None, rule.name))


def check_switches(names: Iterable[str]) -> frozenset[str]:
    """Return the rules to switch off.

    Raises
    ------
    InputError
        When one is no rule, or stays on whatever anybody wants.
    """
    chosen = frozenset(name.strip().lower().replace("-", "_") for name in names if name.strip())
    for name in sorted(chosen):
        if name not in RULES:
            near = difflib.get_close_matches(name, RULES, n=3, cutoff=0.5)
            hint = (
                f"did you mean {' or '.join(near)}?"
                if near
                else "list them with `python -m mgrec_core rules`"
            )
            raise InputError(f"there is no cleaning rule '{name[:60]}': {hint}")
        if reason := fixed_because(name):
            raise InputError(f"the rule {name} cannot be switched off: {reason}")
    return chosen
