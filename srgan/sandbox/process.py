"""One worker, seen from the server."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from srgan import errors
from srgan.channel import Channel, Closed, Late
from srgan.errors import SrganError

START_SECONDS = 60.0  # it takes half a second; a machine at its limits takes longer
LAST_WORDS_BYTES = 4000
_PACKAGES = Path(__file__).parents[2]
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME")

T = TypeVar("T")


class Died(Exception):
    """The worker is gone. `code` is as of `subprocess`, None where it had to be killed: late, or
    it said what makes no sense. `words`: what it said on standard error. `started`: whether it had
    been ready for work.
    """

    def __init__(self, code: int | None, late: bool, words: str, started: bool) -> None:
        super().__init__(code, late, words, started)
        self.code, self.late, self.words, self.started = code, late, words, started

    @property
    def killed(self) -> bool:
        """Whether somebody else ended it, or the system for want of memory."""
        return self.code in (-signal.SIGKILL, -signal.SIGTERM)


class Worker:
    """A process of its own, started fresh: never forked, LiteRT does not survive that.

    It gets none of the server's environment but what Python needs, and none of its open files.
    For one thread at a time. Raises OSError where the system starts no more processes.
    """

    def __init__(self, program: str = "srgan.sandbox.worker") -> None:
        ours, theirs = socket.socketpair()
        self._channel = Channel(ours)
        self._ready = False
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", program, str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    pass_fds=[theirs.fileno()],
                    env=_environment(),
                    cwd="/",
                )
            except BaseException:
                self._channel.close()
                raise
        self._channel.worker = self._process.pid
        assert self._process.stderr is not None
        self._stderr = self._process.stderr
        os.set_blocking(self._stderr.fileno(), False)

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def ask(
        self,
        request: dict[str, Any],
        parts: list[Any],
        seconds: float,
        take: Callable[[Channel, dict[str, Any]], T],
    ) -> T:
        """What `take` makes of the answer to `request`, which may take `seconds` by the clock.

        Raises Died, and whatever `take` raises; that may be Closed for an answer that makes no
        sense.
        """
        try:
            if not self._ready:
                self._channel.allow(START_SECONDS)
                self._channel.header()
                self._ready = True
            self._channel.allow(seconds)
            self._channel.send(request, *parts)
            self._words()  # of earlier pictures
            return take(self._channel, self._channel.header())
        except (Closed, Late) as problem:
            raise self._obituary(late=isinstance(problem, Late)) from problem

    def kill(self) -> None:
        """Let `ask` raise Died. From any thread."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    def end(self) -> None:
        """Kill it, if it still lives, and forget it."""
        self.kill()
        self._process.wait()
        self._channel.close()
        self._stderr.close()

    def _obituary(self, late: bool) -> Died:
        code: int | None = None
        if not late:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = self._process.wait(timeout=1.0)
        words = self._words()
        self.end()
        return Died(code, late or code == -signal.SIGPROF, words, self._ready)

    def _words(self) -> str:
        with contextlib.suppress(OSError):
            said = self._stderr.read(1 << 16) or b""
            return said[-LAST_WORDS_BYTES:].decode(errors="replace")
        return ""


def check(told: dict[str, Any]) -> None:
    """Raises the error that the worker met, and Closed for one that is none."""
    if "error" not in told:
        return
    kind = getattr(errors, str(told["error"]), None)
    if not (isinstance(kind, type) and issubclass(kind, SrganError)):
        raise Closed("an error that is none")
    raise kind(str(told.get("sentence")))


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    paths = [str(_PACKAGES), *filter(None, [kept.get("PYTHONPATH")])]
    one_thread = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return kept | one_thread | {"PYTHONPATH": os.pathsep.join(paths)}
