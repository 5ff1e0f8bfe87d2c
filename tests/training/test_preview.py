"""What a person looks at while a network trains."""

import numpy as np
from PIL import Image

from srgan.training.data import Pair, low_resolution
from srgan.training.preview import CROP, GAP, HEAD, crop_sheet, loss_plot
from tests.photos import photograph


def nearest(batch):
    return batch.repeat(4, axis=1).repeat(4, axis=2)


def pair(width, height):
    hr = photograph(width, height)
    return Pair("photo", hr, low_resolution(hr))


def cells(path, row):
    sheet = np.asarray(Image.open(path))
    top = HEAD + row * (CROP + GAP)
    for column in range(4):
        yield sheet[top : top + CROP, column * (CROP + GAP) :][:, :CROP]


def test_a_row_has_input_bicubic_result_and_truth(tmp_path):
    pairs = [pair(200, 180), pair(80, 240)]
    crop_sheet(nearest, pairs, tmp_path / "crops.png")
    pixels, bicubic, result, truth = cells(tmp_path / "crops.png", 0)
    assert np.array_equal(result, pixels)
    assert (bicubic != pixels).any()
    assert np.array_equal(truth, pairs[0].hr[8:168, 20:180])
    # one that is narrower than a crop
    *_, truth = cells(tmp_path / "crops.png", 1)
    assert np.array_equal(truth[:, :80], pairs[1].hr[40:200])
    assert (truth[:, 80:] == 255).all()


def test_a_plot_has_a_line_and_dots(tmp_path):
    blue, red = (42, 111, 187), (192, 57, 43)
    rows = [(step, 10.0 / step, 20.0 + step if step % 4 == 0 else None) for step in range(1, 20)]
    loss_plot(rows, tmp_path / "loss.png", "PSNR-Y")
    pixels = np.asarray(Image.open(tmp_path / "loss.png"))[22:331, 60:840]
    line, dots = ((pixels == colour).all(axis=2) for colour in (blue, red))
    assert line.any(axis=0).mean() > 0.9
    assert dots.any()
    # it falls, and the dots rise
    first, last = (np.flatnonzero(line[:, part].any(axis=1)).mean() for part in ([0], [-1]))
    assert first < last
    loss_plot(rows[:1], tmp_path / "loss.png", "PSNR-Y")
