"""The login with a real OpenID Connect provider on loopback, a real server and a real browser."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
import support
from playwright.sync_api import Browser, BrowserContext, Page, expect
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from mgrec_core.service import audit
from mgrec_core.service.access import Access
from mgrec_core.service.rights import Role
from pages.ui.address.page import pages
from tests import login
from tests.login import Served

pytest.importorskip("oidc_provider_mock", reason="oidc-provider-mock is not installed")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    base = tmp_path_factory.mktemp("login")
    root = support.copy_root(support.built_root(tmp_path_factory.getbasetemp()), base / "workspaces")
    with login.serving(base, root) as found:
        yield found


def signed(served: Served, **claims: object) -> list[dict[str, str]]:
    """Return the cookie of a login as the server itself would sign it."""
    return [{"name": USER_COOKIE_NAME, "value": served.cookie(**claims), "url": served.address}]  # type: ignore[arg-type]


@pytest.fixture
def fresh(chromium: Browser) -> Iterator[Callable[[], Page]]:
    """Open windows that share no cookie."""
    contexts: list[BrowserContext] = []

    def open_() -> Page:
        contexts.append(chromium.new_context())
        contexts[-1].set_default_timeout(60_000)
        return contexts[-1].new_page()

    expect.set_options(timeout=60_000)
    yield open_
    for context in contexts:
        context.close()


def sign_in(page: Page, served: Served, who: str) -> None:
    page.goto(served.address)
    page.get_by_role("button", name="Sign in").click()
    page.locator("input[name=sub]").fill(who)
    page.locator("button[type=submit], input[type=submit]").first.click()


def test_the_sign_in_page_of_another_name_leads_to_the_one_that_a_login_comes_back_to(
    served: Served, fresh: Callable[[], Page]
) -> None:
    page = fresh()
    page.goto(served.address.replace("localhost", "127.0.0.1"))
    link = page.get_by_role("link", name=f"Go to {served.address}")
    expect(link).to_have_attribute("href", served.address)
    expect(page.get_by_role("button", name="Sign in")).to_have_count(0)
    page.goto(served.address)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_nothing_of_a_workspace_shows_before_somebody_signed_in(
    served: Served, fresh: Callable[[], Page]
) -> None:
    page = fresh()
    for place in ("", "/user", "/sql"):
        page.goto(served.address + place)
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        assert "shop" not in page.inner_text("body")


def test_sign_in_shows_the_dashboard_and_sign_out_ends_the_cookie(
    served: Served, fresh: Callable[[], Page]
) -> None:
    page = fresh()
    sign_in(page, served, "ann")
    expect(page.locator(".mg-h1").first).to_be_visible()
    expect(page.get_by_text("Signed in as ann")).to_be_visible()
    kept = [c for c in page.context.cookies() if c["name"].startswith("_streamlit_user")]
    assert kept
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator(".mg-h1")).to_have_count(0)
    page.context.add_cookies(kept)  # type: ignore[arg-type]  # as read
    page.goto(served.address)
    expect(page.get_by_text("Your login has ended")).to_be_visible()
    rows = audit.read(served.root)
    assert {"sign in", "sign out"} <= set(rows[rows["who"] == "ann"]["action"])
    assert audit.broken(served.root) is None


def test_somebody_without_a_role_sees_no_workspace(served: Served, fresh: Callable[[], Page]) -> None:
    page = fresh()
    sign_in(page, served, "nobody")
    expect(page.get_by_text("who has no role here")).to_be_visible()
    assert "shop" not in page.inner_text("body")


def test_a_viewer_cannot_open_the_sql_page(served: Served, fresh: Callable[[], Page]) -> None:
    page = fresh()
    sign_in(page, served, "vera")
    expect(page.get_by_text("Signed in as vera")).to_be_visible()
    page.goto(f"{served.address}/sql")
    expect(page.get_by_text("This needs the role analyst")).to_be_visible()


@pytest.mark.parametrize("forged", ["code=x&state=y", "code=x", "error=access_denied&state=y"])
def test_an_answer_nobody_asked_the_provider_for_signs_nobody_in(
    served: Served, fresh: Callable[[], Page], forged: str
) -> None:
    page = fresh()
    page.goto(f"{served.address}/oauth2callback?{forged}")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


@pytest.mark.parametrize(
    ("made", "ends", "holds"),
    [(0, 3600, True), (-2 * 3600, 3600, False), (-13 * 3600, 3600, False), (0, -1, False)],
    ids=["fresh", "unused for too long", "too old", "its token has ended"],
)
def test_a_login_ends(
    served: Served, fresh: Callable[[], Page], made: int, ends: int, *, holds: bool
) -> None:
    page, now = fresh(), int(time.time())
    page.context.add_cookies(signed(served, iat=now + made, exp=now + ends, nonce=f"{made} {ends}"))  # type: ignore[arg-type]
    page.goto(served.address)
    said = "Signed in as abel" if holds else "Your login has ended"
    expect(page.get_by_text(said)).to_be_visible()


def test_a_cookie_signed_with_another_secret_signs_nobody_in(
    served: Served, fresh: Callable[[], Page]
) -> None:
    page, now = fresh(), int(time.time())
    cookies = signed(served, sub="ann", iat=now, exp=now + 3600, secret="d" * 64)
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.goto(served.address)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


@pytest.mark.parametrize("who", ["vera", "abel", "ann"])
def test_each_page_opens_for_those_who_may(served: Served, fresh: Callable[[], Page], who: str) -> None:
    page, now = fresh(), int(time.time())
    page.context.add_cookies(signed(served, sub=who, iat=now, exp=now + 3600, nonce=f"pages {who}"))  # type: ignore[arg-type]
    rights = Access.load(served.root / "access.yaml").rights({"sub": who})
    for one in pages():
        page.goto(f"{served.address}/{'' if one.name == 'overview' else one.name}")
        if rights.may(f"page {one.name}"):
            expect(page.locator(".mg-h1").first).to_be_visible()
        else:
            assert rights.role() is not Role.ADMIN
            expect(page.get_by_text("This needs the role")).to_be_visible()
            expect(page.locator(".mg-h1")).to_have_count(0)
