"""Encoder backends: what runs a language model. One declaration in a module of this package each.

A new one needs a file, here or behind an entry point of ``mgrec.encoders``, with an
:class:`~mgrec_core.language.backends.backend.EncoderBackend`. Its vectors must be those of the model to
cosine .999: the text cache knows the model, not what ran it. Reading this package loads neither torch nor
openvino.
"""

from mgrec_core.language.backends.backend import BACKENDS, EncoderBackend, RunsBatches, RunsTexts

__all__ = ["BACKENDS", "EncoderBackend", "RunsBatches", "RunsTexts"]
