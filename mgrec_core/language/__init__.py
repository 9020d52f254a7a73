"""Language models: encoders, the text cache, whitening.

Importing this package loads neither torch, transformers nor openvino; :func:`load_encoder` does.
"""

from mgrec_core.language.choice import Choice, choose_model
from mgrec_core.language.embedded import default_model_path
from mgrec_core.language.encoder import Encoder, LazyEncoder, load_encoder
from mgrec_core.language.model_files import model_fingerprint
from mgrec_core.language.reading import Reading, read_through
from mgrec_core.language.text_cache import TextCache, TextEncoder, normalise_text
from mgrec_core.language.whitening import Whitening

__all__ = [
    "Choice",
    "Encoder",
    "LazyEncoder",
    "Reading",
    "TextCache",
    "TextEncoder",
    "Whitening",
    "choose_model",
    "default_model_path",
    "load_encoder",
    "model_fingerprint",
    "normalise_text",
    "read_through",
]
