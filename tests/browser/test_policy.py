"""The browser's side of the policy: every page works under it, and no other site's page can show one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from pages.ui.address.page import pages

NewPage = Callable[..., Page]


@pytest.fixture
def other_site(tmp_path: Path, address: str) -> Iterator[str]:
    """Address of a page that shows the dashboard in a frame and asks its websocket for a session."""
    (tmp_path / "index.html").write_text(
        f"""<iframe src="{address}/" width="900" height="700"></iframe><script>
        const socket = new WebSocket("{address.replace("http", "ws")}/_stcore/stream");
        socket.onopen = () => document.title = "opened";
        socket.onerror = () => document.title = "refused";
        </script>"""
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("name", [page.name for page in pages()])
def test_every_page_works_under_the_policy(address: str, new_page: NewPage, name: str) -> None:
    """``new_page`` fails the test where the console reports an error, a breach of the policy among them."""
    page = new_page(f"{address}/{'' if name == pages()[0].name else name}")
    expect(page.locator(".mg-h1").first).to_be_visible()
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    foreign = page.evaluate(
        "performance.getEntriesByType('resource').map(e => e.name)"
        ".filter(n => !/^(data|blob):/.test(n) && new URL(n).host !== location.host)"
    )
    assert foreign == []


def test_the_policy_runs_no_script_that_it_does_not_know(address: str, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{address}/")
    expect(page.locator(".mg-h1").first).to_be_visible()
    blocked = page.evaluate(
        """() => new Promise(resolve => {
            const script = document.createElement('script');
            script.textContent = 'window.owned = true';
            document.addEventListener('securitypolicyviolation', e => resolve(e.effectiveDirective));
            document.body.append(script);
            setTimeout(() => resolve('ran'), 5000);
        })"""
    )
    assert blocked == "script-src-elem"
    assert page.evaluate("window.owned === undefined")
    page.close()


def test_another_site_can_neither_frame_the_dashboard_nor_open_its_websocket(
    context: BrowserContext, other_site: str
) -> None:
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(other_site)
    page.wait_for_function("document.title")
    assert page.title() == "refused"
    assert any("frame-ancestors" in text or "X-Frame-Options" in text for text in refused)
    assert page.frames[1].url.startswith("chrome-error:")
    page.close()
