"""A turned brass washer on a slate backdrop, seen from above: 320 x 320 RGB; scratches and corrosion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkroom.sample_data.canvas import (
    Dice,
    Field,
    Picture,
    blob_distance,
    clouds,
    cover,
    finish,
    line_distance,
    paint,
    pixel_grid,
    wander,
)

SIZE_PX = 320
STEP = 5
DEFECTS = ("corrosion", "scratch")

_BRASS = (186.0, 146.0, 72.0)
_GLEAM = (255.0, 240.0, 200.0)
_BACKDROP = (58.0, 66.0, 76.0)
_VERDIGRIS = (74.0, 104.0, 84.0)
_TARNISH = (84.0, 52.0, 30.0)
_GROOVE = (52.0, 38.0, 20.0)


@dataclass(frozen=True, slots=True)
class _Pose:
    """Where the washer lies: polar coordinates of all pixels, its radii, and the direction of the light."""

    y: Field
    x: Field
    centre: tuple[float, float]
    radius: Field
    angle: Field
    outer_px: float
    inner_px: float
    light: float

    @property
    def metal(self) -> Field:
        """How much of each pixel is metal, 0 to 1."""
        return cover(self.radius - self.outer_px) * cover(self.inner_px - self.radius)


def draw_washer(dice: Dice, defect: str | None, severity: float) -> Picture:
    """Draws one washer.

    Args:
        dice: Random numbers of this image.
        defect: One of `DEFECTS`, or None.
        severity: 0 (small and faint) to 1 (large and plain).
    """
    pose = _make_pose(dice)
    clean = _draw_scene(dice, pose)
    if defect is None:
        return finish(clean, clean, np.zeros(pose.y.shape, bool), STEP)
    add = {"scratch": _add_scratch, "corrosion": _add_corrosion}[defect]
    defective, mask = add(dice, pose, clean, severity)
    return finish(clean, defective, mask, STEP)


def _make_pose(dice: Dice) -> _Pose:
    y, x = pixel_grid(SIZE_PX, SIZE_PX)
    middle = (SIZE_PX - 1) / 2
    centre = (middle + dice.uniform(-1.5, 1.5), middle + dice.uniform(-1.5, 1.5))
    dy, dx = y - centre[0], x - centre[1]
    outer_px = dice.uniform(131.4, 132.6)
    light = -0.9 + dice.uniform(-0.1, 0.1)
    return _Pose(y, x, centre, np.hypot(dy, dx), np.arctan2(dy, dx), outer_px, 0.43 * outer_px, light)


def _draw_scene(dice: Dice, pose: _Pose) -> Field:
    scene = paint(_draw_backdrop(dice, pose), _draw_metal(dice, pose), pose.metal)
    brightness = dice.uniform(0.95, 1.05)
    falloff = 1 + 0.05 * (pose.x - pose.y) / SIZE_PX
    return scene * (brightness * falloff)[..., None] + 0.9 * dice.grain(SIZE_PX, SIZE_PX)[..., None]


def _draw_backdrop(dice: Dice, pose: _Pose) -> Field:
    tone = 1 + 0.03 * clouds(dice, pose.y / 60, pose.x / 60)
    from_shadow = np.hypot(pose.y - pose.centre[0] - 8, pose.x - pose.centre[1] + 6)
    shadow = cover(from_shadow - pose.outer_px, 16) * cover(pose.inner_px - from_shadow, 16)
    return np.asarray(_BACKDROP) * (tone * (1 - 0.6 * shadow))[..., None]


def _draw_metal(dice: Dice, pose: _Pose) -> Field:
    """Returns the turned face with its two chamfers, `(H, W, 3)`.

    Turning leaves concentric grooves, so the face gleams in two opposite sectors, as a disc does.
    """
    grooves = clouds(dice, pose.radius / 1.7, pose.angle * 0 + 0.5)
    streaks = clouds(dice, pose.radius / 1.3, np.abs(pose.angle) * 5)
    gleam = np.cos(pose.angle - pose.light) ** 8 * 0.75 + np.cos(pose.angle - pose.light - 1.0) ** 24 * 0.25
    shade = 0.80 + 0.035 * grooves + 0.02 * streaks
    metal = paint(np.asarray(_BRASS) * shade[..., None], _GLEAM, gleam * (0.62 + 0.06 * grooves))
    facing = np.cos(pose.angle - pose.light)
    metal = paint(metal, _chamfer(facing), cover(pose.outer_px - 8 - pose.radius, 1.5))
    metal = paint(metal, _chamfer(-facing), cover(pose.radius - pose.inner_px - 6, 1.5))
    edge = cover(np.abs(pose.radius - pose.outer_px + 8) - 0.6) + cover(np.abs(pose.radius - pose.inner_px - 6) - 0.6)
    return metal * (1 - 0.35 * np.clip(edge, 0, 1))[..., None]


def _chamfer(facing: Field) -> Field:
    """Returns the colour of a sloped rim: bright where it faces the light, dark where it faces away."""
    return paint(np.asarray(_BRASS) * (0.72 + 0.3 * facing)[..., None], _GLEAM, np.clip(facing, 0, 1) ** 3 * 0.7)


def _spot(dice: Dice, pose: _Pose, margin_px: float) -> tuple[float, float]:
    """Returns a point (y, x) on the face, at least `margin_px` from its rims."""
    radius = dice.uniform(pose.inner_px + margin_px, pose.outer_px - margin_px)
    angle = dice.uniform(0, 2 * np.pi)
    return (pose.centre[0] + radius * np.sin(angle), pose.centre[1] + radius * np.cos(angle))


def _add_scratch(dice: Dice, pose: _Pose, clean: Field, severity: float) -> tuple[Field, NDArray[np.bool_]]:
    """Returns the drawing with a scratch, and its mask: a bright burr beside a dark groove."""
    line = _scratch_line(dice, pose, 34 + 90 * severity * dice.uniform(0.8, 1.2))
    distance, along = line_distance(pose.y, pose.x, line)
    rough = 0.85 + 0.3 * clouds(dice, along * 14, along * 0)
    width = (1.4 + 1.4 * severity) * rough * (0.4 + 0.6 * np.sin(np.pi * np.clip(along, 0.03, 0.97)))
    groove = cover(distance - width, 1.4) * pose.metal
    shifted, _ = line_distance(pose.y, pose.x, line + np.asarray([1.4, -1.1]))
    burr = cover(shifted - 0.55 * width, 1.4) * pose.metal
    strength = 0.5 + 0.4 * severity
    defective = paint(clean, _GLEAM, burr * strength)
    defective = paint(defective, _GROOVE, groove * strength)
    return defective, np.maximum(groove, burr) > 0.15


def _scratch_line(dice: Dice, pose: _Pose, length_px: float) -> Field:
    """Returns points of a slightly bent line whose middle lies on the face."""
    middle = _spot(dice, pose, 22)
    outwards = np.arctan2(middle[0] - pose.centre[0], middle[1] - pose.centre[1])
    line = wander(dice, middle, outwards + dice.sign() * dice.uniform(0.7, 1.6), length_px, 0.09)
    return np.asarray(line + np.asarray(middle) - line[len(line) // 2])


def _add_corrosion(dice: Dice, pose: _Pose, clean: Field, severity: float) -> tuple[Field, NDArray[np.bool_]]:
    """Returns the drawing with a corroded patch, and its mask: tarnish, with verdigris in its middle."""
    radius_px = 9 + 19 * severity * dice.uniform(0.8, 1.2)
    distance = blob_distance(dice, pose.y, pose.x, _spot(dice, pose, 14), radius_px)
    patch = cover(distance, 3.0) * pose.metal
    pits = np.clip(0.75 + 0.35 * clouds(dice, pose.y / 2.5, pose.x / 2.5), 0.3, 1)
    strength = 0.5 + 0.35 * severity
    defective = paint(clean, _TARNISH, patch * pits * strength)
    middle = cover(distance + 0.35 * radius_px, 0.5 * radius_px) * pits
    defective = paint(defective, _VERDIGRIS, middle * patch * strength)
    return defective, patch > 0.2
