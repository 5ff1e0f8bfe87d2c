"""What the loop calls the best."""

import math

import keras
import numpy as np
from keras import ops

from srgan.training.loop import LPIPS, PSNR_Y, Loop, Settings, adam
from srgan.training.step import Step


def test_which_way_is_better():
    assert PSNR_Y.better(30.1, 30.0)
    assert not PSNR_Y.better(30.0, 30.0)
    assert LPIPS.better(0.1, 0.2)
    assert not LPIPS.better(0.3, 0.2)
    assert LPIPS.better(0.3, None)
    assert not LPIPS.better(math.nan, None)


def test_the_first_of_several_judges_decides_which_weights_are_kept(tmp_path):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    settings = Settings(tmp_path, steps=3)
    step = Step(lambda x: ops.mean(model(x)), model.trainable_variables, adam(settings))
    scores = iter([(0.5, 20.0), (0.3, 10.0), (0.4, 30.0)])
    loop = Loop(
        settings,
        batch_at=lambda number: (np.ones((1, 1), np.float32),),
        advance=lambda arrays: {"loss": step(*arrays)},
        trained=[(step, [model])],
        score=lambda: next(scores),
        sheet=lambda path: None,
        facts={},
        judged_by=(LPIPS, PSNR_Y),
    )
    for kernel in (1.0, 2.0, 3.0):
        model.set_weights([np.full((1, 1), kernel, np.float32)])
        loop._validate()
    assert loop.best == 0.3
    model.load_weights(tmp_path / "best.weights.h5")
    assert model.get_weights()[0].item() == 2.0
