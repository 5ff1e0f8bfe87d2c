"""The page with an upscaler that is never done, one at a time, and little patience for closed tabs.

The networks are warmed up with the real one, as ever.
"""

import itertools
import sys
import threading
import time
from typing import Any
from unittest.mock import patch

import uvicorn

from srgan.errors import Cancelled
from srgan.imaging import Picture
from srgan.upscaler import Progress, Upscaler

TILES = 100_000
TILE_SECONDS = 0.1
PATIENCE_SECONDS = 5.0  # of a visible tab, which calls twice a second


class SlowUpscaler(Upscaler):
    """Tells about its tiles and makes none."""

    def upscale(
        self,
        source: Any,
        options: Any = None,
        on_progress: Any = None,
        cancel: threading.Event | None = None,
        part_of: Picture | None = None,
    ) -> Picture:
        if on_progress is None or cancel is None:
            return super().upscale(source, options, part_of=part_of)
        for done in itertools.count():
            if cancel.is_set():
                raise Cancelled("Stopped.")
            on_progress(Progress(done, TILES, done * TILE_SECONDS, None))
            time.sleep(TILE_SECONDS)
        raise AssertionError


if __name__ == "__main__":
    with (
        patch("srgan.web.service.Upscaler", SlowUpscaler),
        patch("srgan.web.service.PATIENCE_SECONDS", PATIENCE_SECONDS),
    ):
        from app import app

        uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]))
