"""The colours of the generated pictures."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """Six colours that go together.

    Attributes:
        name: How a title speaks of them: `Ochre and Slate`.
        colours: RGB, 0 to 255, from the lightest, which serves as paper and sky, to the darkest.
    """

    name: str
    colours: tuple[Colour, ...]

    @property
    def light(self) -> Colour:
        """The lightest colour."""
        return self.colours[0]

    @property
    def dark(self) -> Colour:
        """The darkest colour."""
        return self.colours[-1]

    @property
    def accent(self) -> Colour:
        """The colour that is remembered of the picture."""
        return self.colours[2]


def _palette(name: str, colours: str) -> Palette:
    return Palette(name, tuple((int(c[:2], 16), int(c[2:4], 16), int(c[4:], 16)) for c in colours.split()))


PALETTES: tuple[Palette, ...] = (
    _palette("Ochre and Slate", "f4ecd8 e6cf9c d9a441 b4693a 5d6b73 2f3a42"),
    _palette("Rose and Moss", "f7ebe4 ecc9bd d98c84 9aa376 5f7353 33402f"),
    _palette("Indigo and Sand", "f2ead9 dcc8a2 c79d63 6f86a6 3f5584 1f2a4d"),
    _palette("Coral and Teal", "fbeee2 f5c9a9 ec8365 7fb2a8 3c7f80 1d444d"),
    _palette("Plum and Straw", "f6efd9 e8d49a c9a55c a4708a 6e4266 38233d"),
    _palette("Fern and Clay", "f1efdd d3d4a6 c4774f 93a05f 55703f 2b3b2a"),
    _palette("Dusk and Apricot", "fde8d0 f9bf93 ef8e6b b06a86 6a5487 312d54"),
    _palette("Ice and Rust", "eef2f0 c9dadb b8603c 8aa9b3 4f7285 26394a"),
    _palette("Lemon and Graphite", "faf6e3 f3e29b e5bf3d a9a48c 68696a 2d2f33"),
    _palette("Celadon and Ink", "eff1e4 cfdcc4 8fb39a 6a9184 3d5c63 1c2a38"),
    _palette("Madder and Linen", "f3ead9 ddc6a5 b64b3d 8d6b54 5b4a4a 2c2428"),
    _palette("Lilac and Olive", "f3eef3 d8c9de a98bbd a7a45f 6a6b3c 353624"),
)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Returns the colour that lies `share` of the way, 0 to 1, from one to the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def ramp(palette: Palette, position: float) -> Colour:
    """Returns a colour between the lightest (0) and the darkest (1), through the ones in between."""
    steps = len(palette.colours) - 1
    index = min(int(position * steps), steps - 1)
    return mix(palette.colours[index], palette.colours[index + 1], position * steps - index)


def to_hsl(colour: Colour) -> tuple[int, int, int]:
    """Returns hue (0 to 360), saturation and lightness (0 to 100) of a colour."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in colour))
    return round(hue * 360), round(saturation * 100), round(lightness * 100)
