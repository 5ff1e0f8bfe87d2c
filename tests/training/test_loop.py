"""What the loop calls the best."""

import itertools
import math
import signal

import keras
import numpy as np
import pytest
from keras import ops

from srgan.errors import BadOption
from srgan.training.checkpoint import assign
from srgan.training.loop import LPIPS, PSNR_Y, Loop, Settings, _forget_after, adam, averaged
from srgan.training.step import Step


def test_which_way_is_better():
    assert PSNR_Y.better(30.1, 30.0)
    assert not PSNR_Y.better(30.0, 30.0)
    assert LPIPS.better(0.1, 0.2)
    assert not LPIPS.better(0.3, 0.2)
    assert LPIPS.better(0.3, None)
    assert not LPIPS.better(math.nan, None)


def constant_loop(settings, scores, judged_by):
    """A loop over a model of one weight, and that model."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    step = Step(lambda x: ops.mean(model(x)), model.trainable_variables, adam(settings))
    loop = Loop(
        settings,
        batch_at=lambda number: (np.ones((1, 1), np.float32),),
        advance=lambda arrays: {"loss": step(*arrays)},
        trained=[(step, [model])],
        score=lambda: next(scores),
        sheet=lambda path: None,
        facts={},
        judged_by=judged_by,
    )
    return loop, model


def test_the_first_of_several_judges_decides_which_weights_are_kept(tmp_path):
    scores = iter([(0.5, 20.0), (0.3, 10.0), (0.4, 30.0)])
    loop, model = constant_loop(Settings(tmp_path, steps=3), scores, (LPIPS, PSNR_Y))
    for kernel in (1.0, 2.0, 3.0):
        model.set_weights([np.full((1, 1), kernel, np.float32)])
        loop._validate()
    assert loop.best == 0.3
    model.load_weights(tmp_path / "best.weights.h5")
    assert model.get_weights()[0].item() == 2.0


def test_a_run_goes_on_to_be_judged_as_it_was(tmp_path):
    scores = iter([(20.0,)])
    loop, _ = constant_loop(Settings(tmp_path, steps=1), scores, (PSNR_Y,))
    loop.run()
    assert loop.best == 20.0
    again, _ = constant_loop(Settings(tmp_path, steps=1, resume=True), scores, (PSNR_Y,))
    assert again.best == 20.0
    with pytest.raises(BadOption, match="judged by psnr_y"):
        constant_loop(Settings(tmp_path, steps=1, resume=True), scores, (LPIPS, PSNR_Y))


def test_there_must_be_something_to_go_on_from(tmp_path):
    with pytest.raises(BadOption, match="no checkpoint"):
        constant_loop(Settings(tmp_path, steps=1, resume=True), iter([]), (PSNR_Y,))


def test_the_log_goes_on_where_the_checkpoint_does(tmp_path):
    log = tmp_path / "log.csv"
    rows = ["step,loss", "1,0.5", "2,0.25", "3,0.125"]
    for step, kept in ((3, 4), (2, 3), (0, 1)):
        log.write_text("\r\n".join(rows) + "\r\n")
        _forget_after(step, log)
        assert log.read_text().splitlines() == rows[:kept]
    _forget_after(1, tmp_path / "missing.csv")
    assert [it.name for it in tmp_path.iterdir()] == ["log.csv"]


def test_a_loss_that_is_no_number_is_a_sentence_and_the_checkpoint_stays(tmp_path):
    loop, model = constant_loop(Settings(tmp_path, steps=2), iter([(20.0,)] * 2), (PSNR_Y,))
    loop.save()
    model.set_weights([np.full((1, 1), np.nan, np.float32)])
    with pytest.raises(BadOption, match="learning-rate"):
        loop.run()
    again, model = constant_loop(Settings(tmp_path, steps=2, resume=True), iter([]), (PSNR_Y,))
    assert again.step == 0
    assert np.isfinite(model.get_weights()[0]).all()


@pytest.mark.parametrize("which", [1, 2])
def test_ctrl_c_leaves_no_averages_where_the_weights_were(tmp_path, monkeypatch, which):
    """Neither while they are put in their place nor while the weights come back."""
    loop, model = constant_loop(Settings(tmp_path, steps=2), iter([(20.0,)]), (PSNR_Y,))
    loop.run()
    trained = model.get_weights()[0] + 1  # other than their average, also after one step
    model.set_weights([trained])
    calls = itertools.count(1)

    def interrupted(variables, arrays):
        if next(calls) == which:
            signal.raise_signal(signal.SIGINT)
        assign(variables, arrays)

    monkeypatch.setattr("srgan.training.loop.assign", interrupted)
    step, _ = loop.trained[0]
    with pytest.raises(KeyboardInterrupt), averaged(step.optimizer, step.variables):
        pass
    np.testing.assert_array_equal(model.get_weights()[0], trained)


def test_a_checkpoint_of_another_network_is_refused(tmp_path):
    loop, _ = constant_loop(Settings(tmp_path, steps=1), iter([(20.0,)]), (PSNR_Y,))
    loop.run()
    wider = keras.Sequential([keras.Input((1,)), keras.layers.Dense(2, use_bias=False)])
    step = Step(lambda x: ops.mean(wider(x)), wider.trainable_variables, adam(loop.settings))
    with pytest.raises(BadOption, match="other options"):
        Loop(
            Settings(tmp_path, steps=1, resume=True),
            loop.batch_at,
            loop.advance,
            [(step, [wider])],
            loop.score,
            loop.sheet,
            {},
        )
