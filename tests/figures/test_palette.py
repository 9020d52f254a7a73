"""Colours can be seen, told apart, and stay what they are."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from mgrec_core.figures import template
from mgrec_core.figures.palette import colour, name, ordered, pattern_of, symbol_of
from mgrec_core.model.granularities import GRANULARITIES, specs

# Viénot, Brettel and Mollon (1999), linear RGB; identity is normal vision.
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array([[0.1124, 0.8876, 0.0], [0.1124, 0.8876, 0.0], [0.004, -0.004, 1.0]]),
    "deuteranopia": np.array([[0.2928, 0.7072, 0.0], [0.2928, 0.7072, 0.0], [-0.0223, 0.0223, 1.0]]),
}
LIGHT, DARK = ({spec.name: spec.colours[dark] for spec in specs()} for dark in (False, True))
PAGES = [
    (LIGHT, "#FFFFFF"),
    (LIGHT, "#F0F2F6"),
    (DARK, "#0E1117"),
    (DARK, "#262730"),
]


def linear(colour: str) -> np.ndarray:
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    lights = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) + 0.05 for c in (one, other))
    return lights[1] / lights[0]


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ rgb
    f = np.cbrt(np.maximum(xyz / [0.9505, 1, 1.089], 0.008856))
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize(("colours", "page"), PAGES)
def test_every_colour_has_the_contrast_of_graphics(colours: dict[str, str], page: str) -> None:
    assert {g: round(contrast(c, page), 2) for g, c in colours.items() if contrast(c, page) < 3} == {}


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_stay_apart(colours: dict[str, str], vision: str) -> None:
    seen = {g: lab(np.clip(VISION[vision] @ linear(c), 0, 1)) for g, c in colours.items()}
    apart = {(a, b): float(np.linalg.norm(seen[a] - seen[b])) for a, b in combinations(seen, 2)}
    assert min(apart.values()) > 10, sorted(apart.items(), key=lambda pair: pair[1])[:3]


def test_order_is_fixed_and_colour_is_never_alone() -> None:
    shipped = ("behaviour", "recent", "attribute", "knowledge", "collaborative", "social", "popularity")
    assert tuple(g for g in GRANULARITIES if g in shipped) == shipped
    for looks in (LIGHT, DARK, *({g: of(g) for g in GRANULARITIES} for of in (pattern_of, symbol_of, name))):
        assert tuple(looks) == GRANULARITIES
        assert len(set(looks.values())) == len(GRANULARITIES)


def test_what_nobody_declares_is_drawn_in_grey() -> None:
    assert colour("zeta") not in LIGHT.values() and colour("zeta", dark=True) not in DARK.values()
    assert (name("two_words"), pattern_of("zeta"), symbol_of("zeta")) == ("Two words", "|", "circle")


def test_ordered_knows_the_fixed_order_and_keeps_strangers() -> None:
    assert ordered(["zeta", "social", "alpha", "recent"]) == ["recent", "social", "alpha", "zeta"]


@pytest.mark.parametrize("dark", [False, True])
def test_template_is_transparent(dark: bool) -> None:
    layout = template(dark).layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert contrast(layout.font.color, "#0E1117" if dark else "#FFFFFF") > 7
