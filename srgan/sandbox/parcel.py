"""A picture on its way from one process to the other: its facts in a header, then its pixels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from srgan.channel import Channel
from srgan.imaging import Picture
from srgan.imaging.formats import INPUT_FORMATS
from srgan.limits import Limits


@dataclass(frozen=True)
class Facts:
    """All of a picture but its pixels."""

    width: int
    height: int
    transparent: bool
    format: str | None
    gray: bool

    @classmethod
    def of(cls, picture: Picture) -> "Facts":
        """Those of `picture`."""
        transparent = picture.alpha is not None
        return cls(picture.width, picture.height, transparent, picture.format, picture.gray)

    def possible(self, limits: Limits) -> bool:
        """Whether a picture that was decoded within `limits` can have them."""
        sides = (self.width, self.height)
        return (
            all(type(side) is int and 1 <= side <= limits.max_side for side in sides)
            and self.width * self.height <= limits.max_pixels
            and type(self.transparent) is type(self.gray) is bool
            and self.format in INPUT_FORMATS
        )

    def receive(self, channel: Channel) -> Picture:
        """The picture with these facts, from its pixels."""
        rgb = channel.take(self.width * self.height * 3).reshape(self.height, self.width, 3)
        alpha = None
        if self.transparent:
            alpha = channel.take(self.width * self.height).reshape(self.height, self.width)
        return Picture(rgb, alpha, self.format, self.gray)


def pixels(picture: Picture) -> list[NDArray[np.uint8]]:
    """What `Facts.receive` takes, in its order."""
    layers = [picture.rgb] if picture.alpha is None else [picture.rgb, picture.alpha]
    return [np.ascontiguousarray(layer) for layer in layers]
