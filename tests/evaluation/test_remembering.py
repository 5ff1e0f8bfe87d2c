import numpy as np

from srgan.evaluation.remembering import WINDOWS, RememberingEngine, RememberingUpscaler
from srgan.upscaler import Options, Upscaler
from tests.photos import noisy, photograph


class Counting:
    """An engine that counts its runs by network."""

    batch = 1

    def __init__(self, engine):
        self.engine, self.runs = engine, []

    def load(self, network):
        self.engine.load(network)

    def run(self, network, pixels):
        self.runs.append(network.name)
        return self.engine.run(network, pixels)


def test_results_are_the_same_and_the_generator_runs_once():
    photo = noisy(24, 20)
    plain, remembering = Upscaler(), RememberingUpscaler()
    counting = Counting(plain._engine)
    remembering._engine = RememberingEngine(counting)
    for strength in (0.0, 1.0, 0.5, 0.0):
        options = Options(denoise=strength)
        expected = plain.upscale(photo, options).rgb
        np.testing.assert_array_equal(remembering.upscale(photo, options).rgb, expected)
    model = plain.zoo.model(plain.zoo.default)
    # twice for each strength: to look, and to clean
    assert counting.runs == [model.name] + 4 * [model.autoencoder]


def test_it_does_not_keep_everything():
    counting = Counting(Upscaler()._engine)
    upscaler = RememberingUpscaler()
    upscaler._engine = RememberingEngine(counting)
    pictures = [photograph(8 + i, 8) for i in range(WINDOWS + 1)]
    for picture in [*pictures, pictures[-1], pictures[0]]:
        upscaler.upscale(picture)
    assert len(counting.runs) == len(pictures) + 1
