"""Whether the model behind an address is still the one whose vectors are kept.

Its weights cannot be seen, so one short text, always the same one, is asked for each time that a text has to
be sent, and its vector compared with the one of the first time. Servers compute in another precision or on
other chips now and then, which leaves a cosine above .99; another model gives nothing of the kind. A model
that was trained on a little may pass: whoever changes weights gives the model another revision
(:class:`~mgrec_core.language.remote.address.Address`).
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.files import write_text
from mgrec_core.language.remote.address import Address

SIGN = "sign.json"
"""File beside a model's vectors that holds the vector it is known again by."""
_SAME = 0.98


def check_sign(folder: Path, address: Address, sign: NDArray[np.float32], dimensions: int | None) -> None:
    """Compare a model's sign with the one in the folder of its vectors, or leave it there the first time.

    Parameters
    ----------
    dimensions
        Length of the vectors in the folder; ``None`` where there are none.

    Raises
    ------
    InputError
        Another model answers.
    """
    before = _read(folder / SIGN)
    length = len(before) if before is not None else dimensions
    if length is not None and length != len(sign):
        raise _other(address, f"its vectors have {len(sign):,} numbers after {length:,} before")
    if before is None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_text(folder / SIGN, json.dumps([float(value) for value in sign]))
        except OSError as error:
            raise refusal(
                error, f"the text cache {folder}", "written", choose="choose another workspace"
            ) from error
    elif (likeness := float(before @ sign)) < _SAME:
        raise _other(address, f"the same text has another vector now, cosine {likeness:.2f}")


def _read(path: Path) -> NDArray[np.float32] | None:
    with contextlib.suppress(OSError, ValueError, TypeError):
        found = np.array(json.loads(path.read_text(encoding="utf-8")), np.float32)
        return found if found.ndim == 1 and np.isfinite(found).all() else None
    return None


def _other(address: Address, why: str) -> InputError:
    revision = "2" if not address.revision else f"{address.revision}-2"
    again = Address(address.base, address.model, revision)
    return InputError(
        f"another model than before answers to {address.model} at {address.host} ({why}): name it {again},"
        " where the word after the second # is yours, so that every text is sent anew"
    )
