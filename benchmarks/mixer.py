"""The live mixer in headless Chromium: how soon the list answers a hand, and the server confirms.

    python benchmarks/mixer.py [--drags 100] [--workspaces DIR]

The MovieLens sample with made-up friendships, so that all seven granularities are there; 2,000
candidates; the guardrail strip beside the list, which a confirmation recomputes for everybody; every
time is measured by the page itself. Then 200 random weight vectors against the
engine's own lists, and ten browsers at once on the server. The peer, in the same run, is Streamlit's
own slider with a plotly chart: what a dashboard has without the component.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from mgrec_core.foundation.results import Weights  # noqa: E402
from mgrec_core.operations.building import build  # noqa: E402
from mgrec_core.operations.importing import import_data  # noqa: E402

ARGUMENTS = [
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]  # fmt: skip

# Listeners on the window see an event before and after the component does. `redrawn` includes the
# layout that the change costs (asking for a box forces it), `painted` waits for the frame to be out.
PROBE = """() => {
    const find = root => root.querySelector('.mixer') ??
        [...root.querySelectorAll('*')].map(e => e.shadowRoot && find(e.shadowRoot)).find(Boolean);
    const root = find(document), times = {redrawn: [], painted: [], confirmed: []};
    let start = 0, released = 0;
    addEventListener('input', () => { start = performance.now(); }, true);
    addEventListener('input', () => {
        root.querySelector('.rows').getBoundingClientRect();
        times.redrawn.push(performance.now() - start);
        const from = start, channel = new MessageChannel();
        channel.port1.onmessage = () => times.painted.push(performance.now() - from);
        requestAnimationFrame(() => channel.port2.postMessage(0));
    });
    new MutationObserver(changes => {
        const names = changes.map(c => c.attributeName), {sent, confirmed} = root.dataset;
        if (names.includes('data-sent')) released = performance.now();
        if (names.includes('data-confirmed') && sent === confirmed && released) {
            times.confirmed.push(performance.now() - released);
            released = 0;
        }
    }).observe(root, {attributes: true, attributeFilter: ['data-sent', 'data-confirmed']});
    window.times = times;
}"""

CONFIRMED = """() => {
    const find = root => root.querySelector('.mixer') ??
        [...root.querySelectorAll('*')].map(e => e.shadowRoot && find(e.shadowRoot)).find(Boolean);
    const {sent, confirmed} = find(document).dataset;
    return sent === confirmed;
}"""

# From a key on Streamlit's slider to the first frame in which the chart's bars differ.
PEER = """() => {
    const bars = () => [...document.querySelectorAll('.st-key-ranked_bars .bars path')]
        .map(p => p.getAttribute('d')).join();
    window.peer = [];
    addEventListener('keydown', () => {
        const start = performance.now(), before = bars();
        const look = () => bars() === before || !bars()
            ? requestAnimationFrame(look) : window.peer.push(performance.now() - start);
        requestAnimationFrame(look);
    }, true);
}"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--drags", type=int, default=100)
    parser.add_argument("--workspaces", type=Path, help="keep the built workspace here and use it again")
    options = parser.parse_args()
    from mgrec_core import Engine

    with tempfile.TemporaryDirectory() as temporary:
        root = options.workspaces or Path(temporary)
        prepare(root)
        with serving(root) as address, sync_playwright() as playwright:
            path = shutil.which("chromium") or os.environ.get("MGREC_CHROMIUM")
            browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            times, candidates, width = measure(page, address, options.drags)
            print(f"{candidates:,} candidates × {width} granularities, k = 20, {options.drags} drags")
            for name, budget in (("redrawn", "16 / 33"), ("painted", "–"), ("confirmed", "300 / –")):
                print(line(name, times[name], budget), flush=True)
            engine = Engine.open(root / "bench")
            print(compare(page, engine, 200), flush=True)
            peer = measure_peer(page, address, min(20, options.drags))
            print(line("peer", peer, "–"))
            ratio = statistics.median(peer) / statistics.median(times["painted"])
            print(
                f"on screen {ratio:.0f}× sooner than with Streamlit's slider and a plotly chart", flush=True
            )
            print(ten_at_once(browser, address, engine))
            browser.close()


def line(name: str, times: list[float], budget: str) -> str:
    """Return one line of the report."""
    what = {
        "redrawn": "slider event → list redrawn, layout done",
        "painted": "slider event → frame painted",
        "confirmed": "release → confirmed by the server",
        "peer": "peer: key on st.slider → chart redrawn",
    }[name]
    p95 = sorted(times)[min(len(times) - 1, int(0.95 * len(times)))]
    return (
        f"{what:<42} median {statistics.median(times):7.1f} ms   95th percentile {p95:7.1f} ms   "
        f"n = {len(times)}   budget {budget} ms"
    )


def prepare(root: Path) -> None:
    """Import and build the sample with friendships and the guardrails' score cache, unless it is there."""
    from mgrec_core import Engine
    from mgrec_core.evaluation.score_cache_files import prepare as keep_score_cache
    from mgrec_core.workspace.folder import Workspace

    if (root / "bench").exists():
        return
    source = Path(shutil.copytree(ROOT / "sample_data" / "movielens", root / "source"))
    draw = random.Random(0)
    pairs = (f"{u},{draw.randint(1, 671)}" for u in range(1, 672) for _ in range(8))
    (source / "social.csv").write_text("user_id,friend_id\n" + "\n".join(sorted(set(pairs))) + "\n", "utf-8")
    workspace = Workspace.create(root / "bench")
    import_data(workspace, source, "canonical")
    build(workspace, with_map=False)
    keep_score_cache(Engine.open(root / "bench"))
    shutil.rmtree(source)


def measure(page: Page, address: str, drags: int) -> tuple[dict[str, list[float]], int, int]:
    """Drag faders to and fro with the mouse; return times in ms by name, candidates, granularities."""
    page.goto(f"{address}/user?workspace=bench&user=15&k=20")
    page.locator(".mixer .row").first.wait_for()
    page.locator(".st-key-guardrails").wait_for()
    rest(page)
    page.evaluate(PROBE)
    faders = [f for f in page.locator(".mixer .fader").all() if f.is_enabled()]
    draw = random.Random(1)
    for n in range(drags):
        box = faders[n % len(faders)].bounding_box()
        assert box is not None
        y, at = box["y"] + box["height"] / 2, float(faders[n % len(faders)].input_value())
        # A fader let go where it stood has not moved: there would be nothing to confirm.
        end = (at + draw.uniform(0.15, 0.85)) % 1
        page.mouse.move(box["x"] + 6 + at * (box["width"] - 12), y)
        page.mouse.down()
        page.mouse.move(box["x"] + 6 + end * (box["width"] - 12), y, steps=8)
        sent = page.evaluate("window.times.confirmed.length")
        page.mouse.up()
        page.wait_for_function("n => window.times.confirmed.length > n", arg=sent)
    times: dict[str, list[float]] = page.evaluate("window.times")
    return times, int(page.locator(".mixer").get_attribute("data-candidates") or 0), len(faders) + 1


def compare(page: Page, engine: Any, vectors: int) -> str:
    """Set random weights in the browser and compare its first 20 with the engine's."""
    draw = random.Random(2)
    base = engine.active_preset().base
    asked, wrong, far = 0, 0, 0.0
    for _ in range(vectors):
        weights = {g: round(draw.random() * (draw.random() < 0.8), 2) for g in engine.present}
        shown = set_faders(page, weights, "input")
        if not shown["exact"]:  # the page says that it does not know, and lets the server answer
            asked += 1
            set_faders(page, weights, "change")
            page.wait_for_function(CONFIRMED)
            shown = set_faders(page, {}, "input")
        expected = engine.rank("15", k=20, weights=Weights(weights, base)).items
        wrong += shown["ids"] != [item.item_id for item in expected]
        far = max(far, *(abs(a - b.score) for a, b in zip(shown["scores"], expected, strict=True)))
    return (
        f"{vectors} random weight vectors: {vectors - wrong} lists equal the engine's, largest difference of "
        f"a score {far:.1e}; {vectors - asked} were certain without the server"
    )


def ten_at_once(browser: Browser, address: str, engine: Any, rounds: int = 5) -> str:
    """Ten sessions, each with a user and weights of its own, moving before anybody is answered."""
    faults: list[str] = []
    pages: list[tuple[str, Page]] = []
    for user in (str(u) for u in range(20, 30)):
        page = browser.new_context().new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{address}/user?workspace=bench&user={user}&k=20", wait_until="commit")
        pages.append((user, page))
    for _, page in pages:
        page.locator(".mixer .row").first.wait_for(timeout=120_000)
        rest(page)
        page.evaluate(PROBE)
    draw, wrong, times = random.Random(3), 0, []
    for _ in range(rounds):
        values = [round(draw.uniform(0.05, 0.95), 2) for _ in pages]
        for (_, page), value in zip(pages, values, strict=True):
            set_faders(page, {"recent": value}, "input")
            set_faders(page, {"recent": value}, "change")
        for (user, page), value in zip(pages, values, strict=True):
            page.wait_for_function(CONFIRMED, timeout=120_000)
            rest(page)
            expected = engine.rank(user, k=20, weights={"recent": value}).items
            wrong += set_faders(page, {}, "input")["ids"] != [item.item_id for item in expected]
            wrong += page.locator(".mg-h1").first.inner_text() != f"User {user}"
    for _, page in pages:
        times += page.evaluate("window.times.confirmed")
        page.context.close()
    return (
        f"10 browsers at once, {rounds} moves each: {wrong} mix-ups, {len(faults)} errors; "
        f"release → confirmed median {statistics.median(times):.0f} ms with all ten moving together"
    )


def set_faders(page: Page, weights: dict[str, float], event: str) -> dict[str, Any]:
    """Move faders as a drag does (``input``) or let go of one (``change``); return what is shown."""
    found: dict[str, Any] = page.locator(".mixer").evaluate(
        """(root, [weights, kind]) => {
            const find = g => root.querySelector(`.channel[data-granularity="${g}"] .fader`);
            const inputs = Object.entries(weights).map(([g, w]) => [find(g), w]).filter(([i]) => !i.disabled);
            for (const [input, w] of kind === 'change' ? inputs.slice(-1) : inputs) {
                input.value = String(w);
                input.dispatchEvent(new Event(kind, {bubbles: true, composed: true}));
            }
            const {ids, scores, exact} = root.dataset;
            return {ids: JSON.parse(ids), scores: JSON.parse(scores), exact: exact === 'true'};
        }""",
        [weights, event],
    )
    return found


def measure_peer(page: Page, address: str, steps: int) -> list[float]:
    """Step Streamlit's own slider, which another fusion mode still has; return times in ms."""
    page.goto(f"{address}/user?workspace=bench&user=15&k=20&fusion=concat&weights=recent~0.5")
    page.locator(".st-key-ranked_bars .bars path").first.wait_for()
    rest(page)
    page.evaluate(PEER)
    slider = page.locator(".st-key-lambda_attribute").get_by_role("slider")
    for n in range(steps):
        slider.press("ArrowRight" if n % 2 else "ArrowLeft")
        page.wait_for_function("n => window.peer.length > n", arg=n)
        rest(page)
    found: list[float] = page.evaluate("window.peer")
    return found


def rest(page: Page) -> None:
    """Wait until the script has run."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')


@contextmanager
def serving(root: Path) -> Iterator[str]:
    """Run the dashboard on a free port; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    server = subprocess.Popen(
        [*command, "--server.headless", "true", "--server.address", "127.0.0.1"],
        cwd=ROOT, stdout=subprocess.DEVNULL, env=os.environ | {"MGREC_WORKSPACES": str(root)},
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(20)


if __name__ == "__main__":
    main()
