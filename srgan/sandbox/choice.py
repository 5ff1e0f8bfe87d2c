"""Where the server decodes and encodes: in processes of their own, wherever the system has such."""

import atexit
import sys
from functools import cache
from typing import Protocol

from srgan import imaging
from srgan.imaging import Picture
from srgan.limits import Limits, limits


class Codecs(Protocol):
    """What a `Sandbox` has in common with `srgan.imaging`."""

    def decode(self, data: bytes, limits: Limits) -> Picture:
        """See `imaging.decode`."""

    def encode(
        self,
        picture: Picture,
        format: str = "PNG",
        quality: int | None = None,
        *,
        lossless: bool = False,
        transparency: bool = True,
        profile: bool = True,
    ) -> bytes:
        """See `imaging.encode`."""


@cache
def sandbox() -> Codecs:
    """The sandbox of this process: a worker for each picture at work, and as many for the others.

    Windows has no such limits for a process, and decodes in this one.
    """
    if sys.platform != "win32":
        from srgan.sandbox.pool import Sandbox

        made = Sandbox(limits(), workers=2 * limits().max_running)
        atexit.register(made.close)
        return made
    return imaging
