"""Even surfaces keep their level: what adversarial training shifted is put right in the weights."""

import keras
import numpy as np

LEVELS = np.arange(0, 256, 15, dtype=np.float32)
SIDE = 48  # pixels of a flat picture, of which the middle is looked at
MIDDLE = 4  # of them, along each side


def level(model: keras.Model) -> None:
    """Make flat gray pictures stay as they are, by a gain and an offset for each of the last maps.

    An adversary does not mind a little less contrast, and a grid is least hidden where nothing else
    is; both are close to linear in the level, so that they can be taken out of the last
    convolution. In a compact generator its maps are all sub-pixels of all colours, and the
    enlargement, which is added to them, has to follow; in the paper's they are the colours alone.
    """
    tail = model.get_layer("tail_conv")
    if "add_enlarged" in {layer.name for layer in model.layers}:
        gain, offset = _fit(model, model.get_layer("add_enlarged"))
        enlarge = model.get_layer("enlarge")
        (kernel,) = enlarge.get_weights()
        enlarge.set_weights([kernel / gain])
    else:
        gain, offset = _fit(model, tail)
    kernel, bias = tail.get_weights()
    tail.set_weights([kernel / gain, (bias - offset) / gain])


def _fit(model: keras.Model, last: keras.Layer) -> tuple[np.ndarray, np.ndarray]:
    """What `last` makes of a flat level, from -1 to 1: a gain and an offset for each map."""
    maps = keras.Model(model.input, last.output)
    flat = np.broadcast_to(LEVELS[:, None, None, None], (len(LEVELS), SIDE, SIDE, 3))
    given = np.concatenate([_middle(maps.predict_on_batch(it[None])) for it in flat])
    gain, offset = np.polyfit(LEVELS / 127.5 - 1, given.mean((1, 2)), 1)
    return gain, offset


def _middle(maps: np.ndarray) -> np.ndarray:
    scale = maps.shape[1] // SIDE
    inner = slice(scale * (SIDE - MIDDLE) // 2, scale * (SIDE + MIDDLE) // 2)
    return maps[:, inner, inner]
