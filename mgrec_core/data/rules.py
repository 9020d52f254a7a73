"""The cleaning rules by name: what each does, why, and what happens where it is switched off.

``RULES`` is the list; ``SWITCHABLE`` says of the rules that ``import --without`` may name what is done
instead. Every other rule stays on, for the reason that :func:`fixed_because` gives.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from mgrec_core.foundation.errors import InputError

REPAIRED = "repaired"
REJECTED = "rejected"

RULES: dict[str, tuple[str, str]] = {
    "malformed_line": (REJECTED, "the line has not the header's number of fields, or leaves a quote open"),
    "missing_user_id": (REJECTED, "there is no user_id"),
    "missing_item_id": (REJECTED, "there is no item_id"),
    "missing_friend_id": (REJECTED, "there is no friend_id"),
    "missing_head_id": (REJECTED, "there is no head_id"),
    "missing_relation": (REJECTED, "there is no relation"),
    "missing_tail_id": (REJECTED, "there is no tail_id"),
    "confidence_out_of_range": (REPAIRED, "the confidence is no number in (0, 1]; 1 was taken"),
    "missing_kind": (REJECTED, "there is no kind of feedback"),
    "missing_ad_id": (REJECTED, "there is no ad_id"),
    "unknown_ad": (REJECTED, "the advertisement is not in the ads file"),
    "unknown_ad_event": (REJECTED, "the kind is none of shown, clicked, redeemed"),
    "ends_before_start": (REPAIRED, "the period ends before it starts; the advertisement is kept undated"),
    "duplicate_ad": (REJECTED, "the ad_id was read before; the alphabetically first of its rows is kept"),
    "duplicate_ad_item": (REJECTED, "the same item of the same advertisement was read before"),
    "duplicate_ad_event": (REJECTED, "the same event, equal in every column, was read before"),
    "missing_tag": (REJECTED, "there is no tag"),
    "missing_event": (REPAIRED, "the event is not named; the file's default kind was taken"),
    "rating_not_a_number": (REJECTED, "the rating is not a number"),
    "rating_not_finite": (REJECTED, "the rating is NaN or infinite"),
    "rating_too_large": (REJECTED, "the rating is beyond 1e12, where sums lose their meaning"),
    "weight_too_large": (REJECTED, "the weight is beyond 1e12, where sums lose their meaning"),
    "missing_rating": (REJECTED, "there is no rating"),
    "missing_weight": (REJECTED, "there is no weight"),
    "weight_not_a_number": (REJECTED, "the weight is not a number"),
    "weight_not_finite": (REJECTED, "the weight is NaN or infinite"),
    "negative_weight": (REJECTED, "the weight is below 0"),
    "unknown_item": (REJECTED, "the item is not in the catalogue"),
    "unknown_user": (REJECTED, "the user has no events, friends or profile"),
    "unknown_tag": (REJECTED, "the tag's number is not in the list of tags"),
    "self_friend": (REJECTED, "a user is named as their own friend"),
    "duplicate_event": (REJECTED, "the same dated event, equal in every column, was read before"),
    "duplicate_item": (REJECTED, "the item_id was read before; the alphabetically first of its rows is kept"),
    "duplicate_user": (REJECTED, "the user_id was read before; the alphabetically first of its rows is kept"),
    "duplicate_triple": (REJECTED, "the same triple was read before; every source that gave it is kept"),
    "duplicate_friendship": (REJECTED, "the same friendship in the same direction was read before"),
    "duplicate_word": (REJECTED, "the tag's number was read before; the alphabetically first word is kept"),
    "duplicate_tag": (REJECTED, "the same user gave the same tag to the same item before"),
    "duplicate_feedback": (REJECTED, "the same feedback, equal in every column, was read before"),
    "not_a_product": (
        REJECTED,
        "the code is no product: postage, fees, discounts, samples, vouchers, manual",
    ),
    "stock_correction": (REJECTED, "the quantity is 0 or less and the invoice is no cancellation"),
    "free_line": (REJECTED, "the unit price is 0 or less: a gift or a correction, not a purchase"),
    "cancellation": (REJECTED, "the line is no purchase: it took back an earlier one of the same product"),
    "cancellation_in_part": (
        REJECTED,
        "the line took back what there was of earlier purchases; the rest was bought before the data begin",
    ),
    "cancellation_of_nothing": (
        REJECTED,
        "the line cancels a purchase that is not in the data; nothing was taken back",
    ),
    "cancelled_purchase": (
        REJECTED,
        "later cancellations of the same customer and product took all of it back",
    ),
    "partly_cancelled": (REPAIRED, "later cancellations took some of it back; the weight is what was kept"),
    "decimal_id": (REPAIRED, "an id is written as a decimal number (17850.0, 9e+05) and was made whole"),
    "upper_case": (REPAIRED, "the code was put in capitals"),
    "other_description": (REPAIRED, "the code has several descriptions; the most frequent became its title"),
    "slashed_date": (REPAIRED, "the date is written with slashes (12/31/2011 8:26) and was converted"),
    "no_quantity": (REJECTED, "the quantity is 0 or less: nothing was bought"),
    "metered_quantity": (REPAIRED, "the quantity is beyond 1000, metered like fuel; the weight is 1"),
    "days_since_1970": (REPAIRED, "the date counts days since 1970 and was converted"),
    "missing_campaign": (REJECTED, "there is no campaign"),
    "duplicate_campaign": (REJECTED, "the same campaign of the same user was read before"),
    "missing_coupon": (REJECTED, "there is no coupon"),
    "duplicate_coupon": (REJECTED, "the same product of the same coupon was read before"),
    "unlinked_coupon": (
        REPAIRED,
        "no file says which products the coupon stands for: kept as the user's attribute, not as feedback",
    ),
    "negative_label": (
        REPAIRED,
        "the label says that it did not happen; the event was kept as an impression",
    ),
    "missing_feature": (REJECTED, "there is no feature"),
    "duplicate_feature": (REJECTED, "the same features of the same id were read before"),
    "broken_entities": (REPAIRED, "the entities are no JSON list; the item is kept without them"),
    "unlabelled_impression": (
        REPAIRED,
        "the impression does not say what was clicked; its history is kept, what was shown is not",
    ),
    "duplicate_link": (
        REJECTED,
        "the entity was linked before; the alphabetically first of its items is kept",
    ),
    "updated_item": (REPAIRED, "the item was there already; what the row says otherwise replaced it"),
    "updated_user": (REPAIRED, "the user was there already; what the row says otherwise replaced it"),
    "updated_ad": (REPAIRED, "the advertisement was there already; what the row says otherwise replaced it"),
    "both_directions": (REPAIRED, "the friendship is given in both directions and was kept once"),
    "surrounding_spaces": (REPAIRED, "spaces around a value were removed"),
    "decimal_comma": (REPAIRED, "the number has a decimal comma, as is usual beside semicolons"),
    "lower_case": (REPAIRED, "the name was put in lower case"),
    "not_utf8": (REPAIRED, "the file is not UTF-8; the row's text was read as Latin-1"),
    "utf16": (REPAIRED, "the file is UTF-16, not UTF-8; the row's text was converted"),
    "damaged_utf8": (REPAIRED, "characters that are not UTF-8 were replaced by U+FFFD"),
    "null_character": (REPAIRED, "NUL characters were replaced by U+FFFD"),
    "fractions_of_second": (REPAIRED, "the timestamp is in milli-, micro- or nanoseconds and was converted"),
    "bad_timestamp": (REPAIRED, "the timestamp could not be read; the row is kept undated"),
    "impossible_date": (REPAIRED, "the date is in the future or impossibly early; the row is kept undated"),
    "unknown_tail_item": (REPAIRED, "the tail's item is not in the catalogue; it was kept as an entity"),
}

SWITCHABLE: dict[str, str] = {
    "duplicate_event": "every repetition is an event of its own",
    "duplicate_tag": "a tag given again counts again",
    "duplicate_feedback": "every repetition is feedback of its own",
    "rating_not_a_number": "the row is kept without its rating",
    "rating_not_finite": "the row is kept without its rating",
    "rating_too_large": "the row is kept without its rating",
    "weight_not_a_number": "the row is kept without its weight",
    "weight_not_finite": "the row is kept without its weight",
    "weight_too_large": "the row is kept without its weight",
    "negative_weight": "the row is kept without its weight",
    "unknown_item": "the item is added to the catalogue, without a title",
    "unknown_user": "the user is added",
    "not_a_product": "postage, fees and other accounts are items like any other",
    "free_line": "gifts and corrections are purchases like any other",
    "cancellation": "purchases stay whole, and a cancelling line is an event 'cancel', which counts nothing",
    "decimal_id": "ids stay as they are written, so 17850.0 and 17850 are two",
    "upper_case": "codes stay as they are written, so 85123a and 85123A are two",
    "other_description": "the title is the description of the earliest paid line, not the most frequent",
    "metered_quantity": "the quantity is the weight, however large",
    "negative_label": "the label is not used; what did not happen is an event like any other",
    "decimal_comma": "a number with a comma is not a number",
    "lower_case": "names keep their capitals; an event is then of an unknown kind unless in lower case",
    "impossible_date": "the date is kept as it is given",
}
"""Rule → what is done where it is switched off."""

_FIXED = (
    ("malformed_line", "its fields cannot be told apart"),
    ("missing_event", "an event must be of some kind"),
    ("missing_*", "without it the row says nothing that could be kept"),
    ("cancel*", "it follows from the rule cancellation: switch that one off"),
    ("partly_cancelled", "it follows from the rule cancellation: switch that one off"),
    ("duplicate_*", "the table holds each of them once: there is nowhere to keep a second"),
    ("updated_*", "the table holds each of them once, and what was said last is what holds"),
    ("both_directions", "a friendship has no direction: it is one, said twice"),
    ("self_friend", "a friendship is between two"),
    ("stock_correction", "a purchase of 0 or less is none"),
    ("no_quantity", "a purchase of 0 or less is none"),
    ("surrounding_spaces", "the same id with and without a space would be two"),
    ("unknown_tag", "there is no word to keep"),
    ("unknown_tail_item", "a triple must end somewhere"),
    ("unlinked_coupon", "nothing says which products it stands for"),
    ("unlabelled_impression", "nothing says what was clicked"),
)


def fixed_because(rule: str) -> str | None:
    """Return why a rule cannot be switched off, or None where it can."""
    if rule in SWITCHABLE:
        return None
    reason = next((reason for pattern, reason in _FIXED if fnmatchcase(rule, pattern)), None)
    return reason or "it is how the value is read at all: without it there is nothing to keep"


@dataclass(frozen=True)
class Rule:
    """One cleaning rule, for lists.

    Attributes
    ----------
    name, action, explanation
        As in the receipt; ``action`` is ``"repaired"`` or ``"rejected"``.
    switchable
        Whether ``import --without`` may name it.
    otherwise
        What is done where it is switched off, or why it cannot be.
    """

    name: str
    action: str
    explanation: str
    switchable: bool
    otherwise: str


def list_rules() -> list[Rule]:
    """Return every rule, those that can be switched off first, each group by name."""
    rules = [
        Rule(name, action, explanation, name in SWITCHABLE, SWITCHABLE.get(name) or str(fixed_because(name)))
        for name, (action, explanation) in RULES.items()
    ]
    return sorted(rules, key=lambda rule: (not rule.switchable, rule.name))


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
