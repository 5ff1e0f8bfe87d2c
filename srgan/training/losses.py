"""Pixel losses, on pixel values 0..255."""

from keras import ops


def l1(truth, result):
    """Mean absolute difference in levels, a scalar."""
    return ops.mean(ops.abs(truth - result))


def mse(truth, result):
    """Mean squared difference of values scaled to 0..1 (the paper's SRResNet loss), a scalar."""
    return ops.mean(ops.square((truth - result) / 255.0))


PIXEL_LOSSES = {"l1": l1, "mse": mse}
