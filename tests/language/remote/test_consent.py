"""Nothing leaves the machine unasked, and what would leave is counted first."""

from __future__ import annotations

import pytest

from mgrec_core.foundation.errors import InputError
from mgrec_core.language.remote.address import Address
from mgrec_core.language.remote.consent import check_consent, tokens_of

AWAY = Address.parse("https://models.example/v1#e5")


def test_the_refusal_states_what_it_would_cost() -> None:
    with pytest.raises(InputError) as caught:
        check_consent(AWAY, ["a quiet film"] * 1_234, None)
    assert str(caught.value) == (
        "1,234 texts (about 3,700 tokens) that are not in the cache would leave this machine to"
        " models.example: add --send-texts to `build` to send them"
    )
    with pytest.raises(InputError, match=r"to models\.example, unencrypted: add --send-texts"):
        check_consent(Address.parse("http://models.example/v1#e5"), ["a"], None)
    with pytest.raises(InputError, match=r"1 text \(about 1 token\) that is not in the cache"):
        check_consent(AWAY, ["a"], None)


def test_what_was_allowed_holds_for_that_address_alone() -> None:
    check_consent(AWAY, ["a"], AWAY.base)
    others = ("http://models.example/v1#e5", "https://models.example/v2#e5", "https://other.example/v1#e5")
    for other in others:
        with pytest.raises(InputError, match="would leave this machine"):
            check_consent(Address.parse(other), ["a"], AWAY.base)


def test_without_texts_to_send_and_on_this_machine_nothing_has_to_be_allowed() -> None:
    check_consent(AWAY, [], None)
    check_consent(Address.parse("http://localhost:8000/v1#e5"), ["a"], None)


def test_tokens_are_a_quarter_of_the_bytes_and_the_prompt_counts() -> None:
    assert tokens_of(["新款热门" * 25]) == 75
    assert tokens_of(["a" * 40] * 10, "b" * 40) == 200
    assert tokens_of([]) == 1
