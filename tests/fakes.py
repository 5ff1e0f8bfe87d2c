"""Stand-ins for the networks, for tests of what is around them."""

import threading
from types import SimpleNamespace

from srgan import imaging
from srgan.errors import BadOption, Cancelled
from srgan.tiling import plan_tiles
from srgan.upscaler import Progress

SOON = 60.0  # seconds; only ends a hang


class FakeZoo:
    default = "faithful-fast"

    def __init__(self, *names):
        self.names = list(names or ("faithful", "faithful-fast"))

    def models(self):
        return self.names

    def model(self, name):
        if name not in self.models():
            raise BadOption(f"There is no model {name!r}.")
        work = 1 if name.endswith("-fast") else 6
        summary = f"What {name} is for."
        return SimpleNamespace(name=name, summary=summary, benchmark={}, multiply_adds=work)


class FakeUpscaler:
    """Enlarges by interpolation, in three tiles; stands still after the first until `go` is set."""

    def __init__(self, *models):
        self.zoo = FakeZoo(*models)
        self.go = threading.Event()
        self.go.set()
        self.first_tile = threading.Event()
        self.error = None
        self.latest = None  # options
        self.noisy = False  # whether it says so of every picture

    def output_size(self, size, options):
        if options.width is not None:
            if options.width > 4 * size[0]:
                raise BadOption(f"The width can be at most {4 * size[0]}.")
            return options.width, max(1, round(size[1] * options.width / size[0]))
        return round(size[0] * options.scale), round(size[1] * options.scale)

    def plan(self, size, options):
        return plan_tiles(size, (64, 64), 4)

    def needs_denoising(self, picture):
        return self.noisy

    def upscale(
        self, picture, options, on_progress=lambda progress: None, cancel=None, part_of=None
    ):
        self.latest = options
        for tile in range(3):
            on_progress(Progress(tile + 1, 3, 1.0, 20.0))
            self.first_tile.set()
            assert self.go.wait(SOON)
            if cancel is not None and cancel.is_set():
                raise Cancelled("Stopped.")
        if self.error is not None:
            raise self.error
        return imaging.resize(picture, self.output_size(picture.size, options))
