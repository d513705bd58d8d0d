"""Few colours for a picture of flat colours: a third of the bytes, and the common ones stay as they are."""

from __future__ import annotations

import numpy as np
from PIL import Image

_MOST = 256


def reduced(rgba: np.ndarray) -> Image.Image:
    """Return an opaque picture with a palette: its most common colours, and for each other one the nearest of them.

    Args:
        rgba: Its pixels, shape (height, width, 4), of type uint8.
    """
    height, width, _ = rgba.shape
    codes = np.ascontiguousarray(rgba).view("<u4").ravel() & 0xFFFFFF
    # Neighbours are alike nearly everywhere, so that runs of one colour are few.
    begins = np.flatnonzero(np.concatenate([[True], codes[1:] != codes[:-1]]))
    lengths = np.diff(begins, append=len(codes))
    there, places = np.unique(codes[begins], return_inverse=True)
    common = np.argsort(-np.bincount(places, lengths), kind="stable")[:_MOST]
    colours = (there[:, np.newaxis] >> np.array([0, 8, 16]) & 255).astype(np.float32)
    palette = colours[common]
    apart = (palette**2).sum(axis=1) - 2 * colours @ palette.T
    nearest = apart.argmin(axis=1).astype(np.uint8)
    pixels = np.repeat(nearest[places], lengths)
    made = Image.frombytes("P", (width, height), pixels.tobytes())
    made.putpalette(palette.astype(np.uint8).tobytes())
    return made
