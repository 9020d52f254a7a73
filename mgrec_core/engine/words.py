"""Which words of an item's text speak for it to a user: the language-model part of `behaviour`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mgrec_core.data.item_texts import item_texts
from mgrec_core.foundation.errors import InputError
from mgrec_core.language.model_files import find_model
from mgrec_core.language.text_cache import TextCache, normalise_text
from mgrec_core.language.whitening import Whitening
from mgrec_core.model.config import Config
from mgrec_core.model.granularities.structure import Granularity
from mgrec_core.model.interests import pooled
from mgrec_core.model.model import Model
from mgrec_core.model.without import histories_without

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine
    from mgrec_core.language.gradients import WordValues

_ALIKE = 1e-3


@dataclass(frozen=True)
class ItemWords:
    """The cosine between a user's vector and an item's text, split over the words of the text.

    Attributes
    ----------
    text
        What the language model reads of the item.
    values
        The words' parts and what they miss together.
    """

    user_id: str
    item_id: str
    text: str
    values: WordValues

    def to_dict(self) -> dict[str, Any]:
        """Return what ``explain --words`` adds to its document under ``words``."""
        said = (
            "The cosine between the user's texts and the item's text, as the language model reads them, split"
            " over the words by integrated gradients; baseline: a text of padding. It is the part of"
            " behaviour that the text alone has, not the contribution."
        )
        return {"text": self.text, **asdict(self.values), "note": said}


def item_words(engine: Engine, user_id: str, item_id: str) -> ItemWords:
    """Split the cosine between a user's vector and an item's text over the words of the text.

    An item that the user has had is left out of the user's vector, as :meth:`Engine.explain` leaves it out.

    Raises
    ------
    NotFoundError
        Unknown user or item, or the language model is gone.
    InputError
        There is nothing to compare: no text, no history; or the model has no gradients here.
    """
    user, item = engine.user_position(user_id), engine.item_position(item_id)
    g = _behaviour(engine.model)
    config = Config.of_build(engine.manifest.config).language
    if config.long_texts == "pool":
        raise InputError("words are told of texts that are read at once: this build pools long texts")
    files = find_model(engine.model_source, prompt=config.prompt, long_texts=config.long_texts)
    with engine.workspace.reading() as connection:
        texts = item_texts(connection, config.template)
    text = normalise_text(texts.get(item_id) or "")
    if not text:
        raise InputError(f"the item {item_id[:60]!r} has no text: no words can speak for it")
    signal = _signal(engine, g, user, user_id, item, item_id)
    held = np.flatnonzero(signal)
    assert g.language is not None
    towards = pooled(g.language, held, signal[held])
    if not towards.any():
        raise InputError(f"user {user_id[:60]!r} has no other item with a text: nothing to compare with")
    written = [one for one in engine.item_ids if texts.get(one)]
    places, vectors = TextCache(engine.workspace.path / "cache").kept(
        files.fingerprint, [str(texts[one]) for one in written]
    )
    if len(places) < len(written):
        raise InputError("not all texts' vectors are kept any more: build again")
    whitening = Whitening.fit(vectors, shrinkage=config.shrinkage) if config.whitening else None
    own = vectors[[written.index(item_id)]]
    white = own if whitening is None else whitening.transform(own)
    if np.abs(white[0] - np.asarray(g.language[item])).max() > _ALIKE:
        raise InputError("the texts have changed since the build: build again to see their words")
    from mgrec_core.language.gradients import word_values

    return ItemWords(user_id, item_id, text, word_values(files, text, towards, whitening))


def _behaviour(model: Model) -> Granularity:
    g = model.granularities.get("behaviour")
    if g is None:
        raise InputError(f"behaviour is absent, so no words were compared: {model.absent['behaviour']}")
    if g.kind != "item" or g.language is None:
        raise InputError("this build reads a history as one text: its items' words have no part of their own")
    return g


def _signal(
    engine: Engine, g: Granularity, user: int, user_id: str, item: int, item_id: str
) -> np.ndarray[Any, np.dtype[np.float64]]:
    if engine.model.unseen(user)[item]:
        return np.asarray(g.weights[[user]].toarray()[0], dtype=np.float64)
    places = {one: n for n, one in enumerate(engine.item_ids)}
    left = histories_without(engine.user_events(user_id), item_id, places)
    return np.asarray(left.signal.toarray()[0], dtype=np.float64)
