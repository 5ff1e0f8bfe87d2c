"""Folders with all that is below them, as `upscale` and `batch` go through them."""

import os
from collections.abc import Callable, Iterator


def walk(
    top: str, without: str, fail: Callable[[OSError], None], say: Callable[[str], None]
) -> Iterator[tuple[str, list[str]]]:
    """Each folder and the names of its files, in order.

    Hidden folders are left out, and so is the one whose real path is `without`. `fail` is told of
    those that cannot be read; `say`, of links to folders, which are not followed.
    """
    for here, below, files in os.walk(top, onerror=fail):
        below[:] = sorted(
            name
            for name in below
            if not name.startswith(".") and os.path.realpath(os.path.join(here, name)) != without
        )
        for path in (os.path.join(here, name) for name in below):
            if os.path.islink(path):
                say(
                    f"{path} is a link to a folder, which is not followed: name it as an input of "
                    "its own."
                )
        yield here, sorted(files)
