"""Pictures keep their common colours and lose only rare shades."""

from __future__ import annotations

import numpy as np

from pipeline.reporting.palette import reduced


def picture(colours: np.ndarray, width: int = 64) -> np.ndarray:
    """Return pixels, shape (n, width, 4), from colours of shape (n * width, 3)."""
    alpha = np.full((len(colours), 1), 255)
    return np.concatenate([colours, alpha], axis=1).astype(np.uint8).reshape(-1, width, 4)


def test_a_picture_of_few_colours_is_kept_to_the_last_pixel() -> None:
    draw = np.random.default_rng(1)
    given = picture(draw.integers(0, 256, (256, 3))[draw.integers(0, 256, 64 * 40)])
    assert np.array_equal(np.asarray(reduced(given).convert("RGB")), given[..., :3])


def test_of_many_colours_the_common_ones_are_kept_and_the_others_become_the_nearest() -> None:
    draw = np.random.default_rng(2)
    common = draw.integers(0, 256, (256, 3))
    rare = draw.integers(0, 256, (200, 3))
    given = picture(np.concatenate([np.repeat(common, 31, axis=0), rare, common[:56]]))
    made = np.asarray(reduced(given).convert("RGB")).astype(int).reshape(-1, 3)
    wanted = given[..., :3].astype(int).reshape(-1, 3)
    is_rare = np.zeros(len(wanted), dtype=bool)
    is_rare[256 * 31 : 256 * 31 + 200] = True
    assert np.array_equal(made[~is_rare], wanted[~is_rare])
    away = ((wanted[is_rare][:, np.newaxis] - common[np.newaxis]) ** 2).sum(axis=2)
    assert np.array_equal(((made[is_rare] - wanted[is_rare]) ** 2).sum(axis=1), away.min(axis=1))


def test_one_pixel_is_a_picture() -> None:
    assert reduced(picture(np.array([[1, 2, 3]]), width=1)).convert("RGB").getpixel((0, 0)) == (1, 2, 3)
