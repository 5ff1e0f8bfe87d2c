"""The networks are the ones that DESIGN and paper describe."""

import keras
import numpy as np
import pytest
from PIL import Image

from srgan.evaluation.metrics import psnr
from srgan.networks import autoencoder, compact_generator, discriminator, generator
from srgan.networks.arithmetic import multiply_adds_per_lr_pixel
from srgan.networks.carry import bicubic_kernel, bicubic_taps
from tests.photos import photograph


def test_parameters():
    assert generator().count_params() == 1_546_435
    assert generator(batch_norm=True).count_params() == 1_554_883


def test_multiply_adds():
    assert multiply_adds_per_lr_pixel(generator()) == pytest.approx(2.2e6, rel=0.02)
    assert multiply_adds_per_lr_pixel(compact_generator()) <= 0.4e6
    assert multiply_adds_per_lr_pixel(autoencoder()) <= 0.25e6


def test_multiply_adds_do_not_depend_on_the_size():
    assert multiply_adds_per_lr_pixel(generator(), 8) == multiply_adds_per_lr_pixel(generator(), 20)


@pytest.mark.parametrize("build", [generator, compact_generator])
@pytest.mark.parametrize("size", [(1, 1), (3, 8)])
def test_generators_enlarge_four_times(build, size):
    pixels = np.full((2, *size, 3), 99, np.float32)
    assert build().predict_on_batch(pixels).shape == (2, size[0] * 4, size[1] * 4, 3)


def test_autoencoder_keeps_the_shape():
    pixels = np.full((1, 12, 20, 3), 99, np.float32)
    assert autoencoder().predict_on_batch(pixels).shape == pixels.shape


def test_discriminator_judges_patches():
    pixels = np.zeros((3, 96, 96, 3), np.float32)
    assert discriminator(96).predict_on_batch(pixels).shape == (3, 1)
    with pytest.raises(ValueError, match="multiple of 16"):
        discriminator(90)


@pytest.mark.parametrize("build", [generator, compact_generator])
def test_untrained_generators_are_close_to_bicubic(build):
    photo = photograph(40, 30)
    bicubic = np.asarray(Image.fromarray(photo).resize((160, 120), Image.Resampling.BICUBIC))
    result = build().predict_on_batch(photo[None].astype(np.float32))[0]
    inner = (slice(16, -16), slice(16, -16))
    assert psnr(result[inner], bicubic[inner]) > 30


def test_batch_norm_starts_close_to_bicubic_in_training_too():
    photo = photograph(40, 30)[None].astype(np.float32)
    bicubic = Image.fromarray(photograph(40, 30)).resize((160, 120), Image.Resampling.BICUBIC)
    result = keras.ops.convert_to_numpy(generator(batch_norm=True)(photo, training=True))[0]
    inner = (slice(16, -16), slice(16, -16))
    assert psnr(result[inner], np.asarray(bicubic)[inner]) > 30


def test_untrained_autoencoder_changes_little():
    photo = photograph(80, 64)
    result = autoencoder().predict_on_batch(photo[None].astype(np.float32))[0]
    assert psnr(result, photo) > 25


def test_bicubic_taps_sum_to_one_and_mirror():
    taps = bicubic_taps(4, 5)
    np.testing.assert_allclose(taps.sum(axis=1), 1)
    np.testing.assert_allclose(taps, taps[::-1, ::-1])
    assert bicubic_kernel(2, 3, 64).shape == (3, 3, 64, 256)
