"""What the page says, where it is more than a label."""

from __future__ import annotations

from srgan.errors import SrganError
from srgan.limits import Limits
from srgan.upscaler import Options, Progress
from srgan.web.batch import Item
from srgan.web.jobs import Job

UNEXPECTED = (
    "Something went wrong that should not have. It has been noted; please try again, "
    "or try another picture."
)

LOST = (
    "The connection was lost for too long, or the server was restarted. "
    "Please add your pictures again."
)

ESTIMATED = (
    "Fine detail in the result is estimated by a network, not recovered: "
    "do not read a face, a number plate or small print from it."
)

NARROWER = "Pictures that are too narrow for this become four times as wide as they are."

PROFILE = "Colours are converted to sRGB, and the profile tells other programs so."


def model_name(model: str) -> str:
    """'faithful-fast' -> 'Faithful, fast'."""
    return model.replace("-", ", ").capitalize()


def sentence(phrase: str) -> str:
    """'for everyday use' -> 'For everyday use.'"""
    return phrase[:1].upper() + phrase[1:].rstrip(".") + "."


def pixels(size: tuple[int, int]) -> str:
    """(4096, 3072) -> '4,096 × 3,072 pixels'."""
    return f"{size[0]:,} × {size[1]:,} pixels"


def expected(size: tuple[int, int], nbytes: int, seconds: float | None) -> str:
    """What a result will be and take, in Markdown."""
    said = f"Result: **{pixels(size)}**, about {file_size(nbytes)}"
    return f"{said}." if seconds is None else f"{said}, in about {duration(seconds)}."


def expected_of(count: int, nbytes: int, seconds: float | None) -> str:
    """What several results will take, in Markdown."""
    said = f"**{count} {'picture' if count == 1 else 'pictures'}**, about {file_size(nbytes)}"
    return f"{said}." if seconds is None else f"{said}, in about {duration(seconds)}."


def file_size(nbytes: int) -> str:
    """To two digits: 3_418_000 -> '3.4 MB'."""
    rounded = max(1000, float(f"{nbytes:.2g}"))
    if rounded < 1e6:
        return f"{rounded / 1e3:.0f} kB"
    return f"{rounded / 1e6:.1f} MB" if rounded < 1e7 else f"{rounded / 1e6:.0f} MB"


def became(before: tuple[int, int], after: tuple[int, int], seconds: float) -> str:
    """The sizes before and after, in Markdown."""
    return f"**{pixels(before)}** became **{pixels(after)}** in {duration(seconds)}."


def noisy(count: int, of: int) -> str:
    """That `count` of so many pictures should have been denoised."""
    if of == 1:
        return "This picture has noise or JPEG blocks, and the result has them, too."
    which = f"{count} of {of} pictures have" if count > 1 else f"One of {of} pictures has"
    return f"{which} noise or JPEG blocks, which came along."


def upload_label(limits: Limits) -> str:
    """What to drop, and how large it may be."""
    return (
        f"Drop photos of up to {limits.max_pixels / 1e6:.4g} megapixels here, or choose some, "
        f"at most {limits.max_pictures}"
    )


def duration(seconds: float) -> str:
    """A length of time as a person would say it."""
    if seconds < 1.5:
        return "a second"
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes"


def progress(progress: Progress | None) -> tuple[float, str]:
    """The share that is done, 0 to 1, and a line that says so."""
    if progress is None:
        return 0.0, "Starting …"
    share = progress.tiles_done / max(1, progress.tiles_total)
    line = f"{progress.tiles_done} of {progress.tiles_total} tiles done"
    if progress.seconds_left is not None and share < 1:
        line += f", about {duration(progress.seconds_left)} left"
    return share, line


def work(job: Job) -> tuple[float, str]:
    """The share of a job that is done, 0 to 1, and a line that says where it stands."""
    if job.place:
        return 0.0, waiting(job.place)
    share, line = progress(job.progress)
    return share, "Stopping after this tile …" if job.stopping else line


def waiting(place: int) -> str:
    """A line for somebody at `place` in the queue."""
    if place == 1:
        return "Your picture is next in line."
    return f"Your picture is number {place} in line."


def standing(item: Item, options: Options, working: bool) -> str:
    """Where one of several pictures stands, in a few words."""
    if item.job is not None and item.job.place:
        return f"waiting, number {item.job.place} in line"
    if item.job is not None:
        return work(item.job)[1]
    if item.has_result(options):
        return "done"
    if item.tried(options):
        return problem(item.problem)
    return "waiting" if working else "ready"


def too_many(limits: Limits) -> str:
    """For who drops more pictures than are taken."""
    return f"At most {limits.max_pictures} pictures can be here at a time; the rest is left out."


def problem(error: Exception | None) -> str:
    """The sentence for the visitor; one for all errors that were not foreseen."""
    return str(error) if isinstance(error, SrganError) else UNEXPECTED
