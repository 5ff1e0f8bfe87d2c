"""One line in the log for each upscale: what it took, never what it showed or was called."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from srgan.web.jobs import Job, State

logger = logging.getLogger(__name__)

# Once for all, because a busy server may let seconds go by between reading one clock and the other:
# what began later must not seem to have begun before.
_EPOCH = time.time() - time.monotonic()


@dataclass
class Account:
    """What is known of one upscale; sizes are (width, height), None until the picture was read."""

    model: str
    denoise: float
    size: tuple[int, int] | None = None
    result_size: tuple[int, int] | None = None
    tiles: int | None = None

    def close(self, job: Job) -> None:
        """Write the line, now that `job` is over."""
        failed = job.state is State.FAILED
        outcome = type(job.error).__name__ if failed else str(job.state)
        fields = {
            "event": "upscale",
            "outcome": outcome,
            "begun": None if job.begun is None else _date(job.begun),
            "seconds": round(job.worked, 3),
            "waited_seconds": round(job.waited, 3),
            "size": self.size,
            "result_size": self.result_size,
            "tiles": self.tiles,
            "model": self.model,
            "denoise": self.denoise,
        }
        logger.log(
            logging.WARNING if failed else logging.INFO,
            "upscale %s in %.1f s after waiting %.1f s: %s to %s, %s tiles, %s, denoise %g",
            outcome,
            job.worked,
            job.waited,
            _pixels(self.size),
            _pixels(self.result_size),
            self.tiles,
            self.model,
            self.denoise,
            extra={"fields": fields},
        )


def _date(monotonic: float) -> str:
    return datetime.fromtimestamp(_EPOCH + monotonic, UTC).isoformat()


def _pixels(size: tuple[int, int] | None) -> str:
    return "unread" if size is None else f"{size[0]}x{size[1]}"
