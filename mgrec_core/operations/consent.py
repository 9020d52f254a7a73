"""Where a build may send the items' texts: what is said with it, or was said for the same model before."""

from __future__ import annotations

import contextlib

from mgrec_core.foundation.errors import InputError, MgrecError
from mgrec_core.language.remote.address import Address, is_address
from mgrec_core.model.config import Config
from mgrec_core.workspace.folder import Workspace


def with_consent(workspace: Workspace, model: str | None, config: Config, send_texts: bool) -> Config:
    """Return the options with the address that texts may be sent to.

    Parameters
    ----------
    model
        The model that was named.
    send_texts
        Whether sending them was allowed with this very build. Without it the current build's word holds, but
        for its own model only: another one would be sent everything once more.

    Raises
    ------
    InputError
        It was allowed for a model that is behind no address.
    """
    if model is None or not is_address(model):
        if send_texts:
            raise InputError(
                "--send-texts is for a model behind an address: name it with --model https://HOST/v1#MODEL"
            )
        return config
    address = Address.parse(model)
    allowed = address.base if send_texts else config.language.send_texts_to
    if allowed is None and workspace.current_build:
        with contextlib.suppress(MgrecError):
            last = workspace.manifest()
            if last.model == str(address):
                allowed = Config.of_build(last.config).language.send_texts_to
    language = config.language.model_copy(update={"send_texts_to": allowed})
    return config.model_copy(update={"language": language})
