from __future__ import annotations

from collections.abc import Iterator

import pytest

from mgrec_core.language.remote.client import SECONDS
from mgrec_core.language.remote.embeddings import KEY
from tests.language.remote.serving import Server, serving


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (KEY, SECONDS, "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        yield found
