"""Stage 2: its losses, what it looks at, and its runs through the shell on each backend."""

import csv

import keras
import numpy as np
import pytest
from keras import ops

from srgan import cli
from srgan.errors import BadOption, NetworkUnavailable
from srgan.networks import compact_generator, features
from srgan.networks.features import LAYERS, Tap, vgg19_features, vgg19_weights
from srgan.training import adversarial
from srgan.training.checkpoint import load_checkpoint
from srgan.training.losses import GAMES, artefacts, content, grid
from srgan.training.mixture import Mixture
from tests.photos import photograph
from tests.training.fonts import write_font
from tests.training.shell import BACKENDS, options, train, trained

MAPS = 4  # in place of VGG19's 64 to 512


def small_vgg19() -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    arrays, inputs = {}, 3
    for name in LAYERS:
        scale = np.sqrt(2 / (9 * inputs))
        arrays[f"{name}_kernel"] = random.normal(0, scale, (3, 3, inputs, MAPS)).astype("f4")
        arrays[f"{name}_bias"] = random.normal(0, 0.1, MAPS).astype("f4")
        inputs = MAPS
    return arrays


@pytest.fixture(scope="module")
def vgg19(tmp_path_factory):
    """A file of random weights for a narrow VGG19."""
    file = tmp_path_factory.mktemp("vgg19") / "vgg19.npz"
    np.savez(file, **small_vgg19())  # type: ignore[arg-type]
    return file


@pytest.fixture(scope="module")
def lpips(tmp_path_factory):
    """A file of random weights for a narrow LPIPS."""
    random = np.random.default_rng(1)
    arrays, inputs = {}, 3
    for number, size in enumerate((11, 5, 3, 3, 3)):
        kernel = random.normal(0, 0.1, (size, size, inputs, MAPS))
        arrays[f"conv{number + 1}_kernel"] = kernel.astype("f4")
        arrays[f"conv{number + 1}_bias"] = np.full(MAPS, 0.1, "f4")
        arrays[f"lin{number}"] = np.ones(MAPS, "f4")
        inputs = MAPS
    file = tmp_path_factory.mktemp("lpips") / "lpips.npz"
    np.savez(file, **arrays)  # type: ignore[arg-type]
    return file


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """The weights of an untrained generator."""
    file = tmp_path_factory.mktemp("start") / "compact.weights.h5"
    keras.utils.set_random_seed(0)
    compact_generator().save_weights(file)
    return file


STEPS, BREAK = 4, 2
# as a share, between backends: Adam's first steps go by the signs of gradients, some of which are
# rounding alone; a run that had lost its moments would be off by about 1
CLOSE = 0.05


@pytest.fixture(scope="module")
def stage(data, start, vgg19, lpips):
    def arguments(output, *more):
        named = ["--weights", start, "--vgg19", vgg19, "--lpips", lpips]
        return ["adversarial", *options(data, output, STEPS), *named, *more]

    return arguments


@pytest.fixture(scope="module")
def unbroken(stage, tmp_path_factory):
    output = tmp_path_factory.mktemp("unbroken")
    trained(*stage(output))
    return output


@pytest.fixture(scope="module")
def broken_off(stage, tmp_path_factory):
    output = tmp_path_factory.mktemp("broken")
    trained(*stage(output, "--stop-after", BREAK))
    return output


def last_row(output):
    with open(output / "log.csv", newline="") as file:
        return list(csv.DictReader(file))[-1]


def test_a_run_leaves_results_and_is_judged_by_lpips(unbroken):
    for name in ("best.weights.h5", "last.weights.h5", "loss.png", "crops.png"):
        assert (unbroken / name).stat().st_size > 0
    row = last_row(unbroken)
    assert row["step"] == str(STEPS)
    assert float(row["psnr_y"]) > 20
    facts = load_checkpoint(unbroken / "checkpoint")[1]
    assert facts["judged_by"] == "lpips"
    assert facts["best"] == pytest.approx(float(row["lpips"]), abs=1e-4)


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_backend_goes_on_as_if_never_broken_off(
    backend, stage, unbroken, broken_off, tmp_path
):
    """A run that TensorFlow broke off, resumed, against TensorFlow's unbroken one."""
    output = tmp_path / "resumed"
    output.mkdir()
    (output / "checkpoint").symlink_to(broken_off / "checkpoint")
    trained(*stage(output, "--resume"), backend=backend)
    wanted, facts_wanted = load_checkpoint(unbroken / "checkpoint")
    given, facts_given = load_checkpoint(output / "checkpoint")
    assert facts_wanted["step"] == facts_given["step"] == STEPS
    assert wanted.keys() == given.keys()
    assert {"model0-0", "model1-0", "optimizer0", "optimizer1"} <= wanted.keys()
    for name in wanted:
        for a, b in zip(wanted[name], given[name], strict=True):
            if backend == "tensorflow":
                np.testing.assert_allclose(b, a, rtol=1e-5, atol=1e-7)
            else:  # as arrays: of single numbers, Adam makes much of what is but rounding
                far = np.linalg.norm(a - b) / (np.linalg.norm(a) + 1e-12)
                assert far < CLOSE, f"{name} {a.shape}"


def test_a_run_can_start_from_another_ones_discriminator(stage, unbroken, tmp_path):
    """In steps that change next to nothing, what comes out is what went in."""
    file = unbroken / "discriminator.weights.h5"
    named = ["--discriminator-weights", file, "--learning-rate", "1e-12", "--steps", 1]
    trained(*stage(tmp_path, *named))
    wanted, given = (load_checkpoint(run / "checkpoint")[0] for run in (unbroken, tmp_path))
    kernels = list(zip(wanted["model1-0"], given["model1-0"], strict=True))
    assert sum(a.ndim == 4 for a, _ in kernels) == 8
    for a, b in kernels:
        if a.ndim == 4:
            np.testing.assert_allclose(b, a, atol=1e-8)


@pytest.mark.parametrize("backend", BACKENDS)
def test_features_may_be_judged_in_place_of_pixels(backend, stage, tmp_path):
    named = ["--discriminator", "features", "--adversarial-weight", "0.06", "--steps", 2]
    trained(*stage(tmp_path, *named), backend=backend)
    row = {name: float(value) for name, value in last_row(tmp_path).items()}
    # at first, all logits are about 0
    assert 0.2 < row["adversarial"] < 2
    assert 0.7 < row["discriminator"] < 3
    assert row["loss"] == pytest.approx(row["content"] + 0.06 * row["adversarial"], rel=1e-3)


def test_a_discriminator_of_another_shape_is_refused(stage, unbroken, tmp_path):
    file = unbroken / "discriminator.weights.h5"
    process = train(*stage(tmp_path, "--discriminator-weights", file, "--discriminator-maps", 16))
    _, err = process.communicate(timeout=300)
    assert process.returncode != 0
    assert "does not hold the weights of this network" in err
    assert "Traceback" not in err


OTHERWISE = ["--discriminator", "unet", "--artefact-weight", "10", "--grid-weight", "0.01"]
OTHERWISE += ["--smooth-weight", "0.02", "--shift", "4"]


@pytest.fixture(scope="module")
def otherwise(stage, tmp_path_factory):
    """Runs with what later work added: unbroken, and broken off."""
    whole, broken = (tmp_path_factory.mktemp(name) for name in ("whole", "part"))
    trained(*stage(whole, *OTHERWISE, "--steps", 2))
    trained(*stage(broken, *OTHERWISE, "--steps", 2, "--stop-after", 1))
    return whole, broken


@pytest.mark.parametrize("backend", BACKENDS)
def test_later_options_go_on_as_if_never_broken_off_on_every_backend(
    backend, stage, otherwise, tmp_path
):
    whole, broken = otherwise
    output = tmp_path / "resumed"
    output.mkdir()
    (output / "checkpoint").symlink_to(broken / "checkpoint")
    trained(*stage(output, *OTHERWISE, "--steps", 2, "--resume"), backend=backend)
    row = {name: float(value) for name, value in last_row(output).items()}
    assert row["artefacts"] > 0
    assert row["grid"] > 0
    assert row["smooth"] > 0
    parts = row["content"] + 1e-3 * row["adversarial"] + 0.01 * row["grid"]
    parts += 0.02 * row["smooth"] + 10 * row["artefacts"]
    assert row["loss"] == pytest.approx(parts, rel=1e-3)
    wanted, given = (load_checkpoint(run / "checkpoint")[0] for run in (whole, output))
    assert wanted.keys() == given.keys()
    assert "model0-1" in wanted  # the moving average that tells artefacts
    for name in wanted:
        for a, b in zip(wanted[name], given[name], strict=True):
            if backend == "tensorflow":
                np.testing.assert_allclose(b, a, rtol=1e-5, atol=1e-7)
            else:
                far = np.linalg.norm(a - b) / (np.linalg.norm(a) + 1e-12)
                assert far < CLOSE, f"{name} {a.shape}"


def test_a_checkpoint_of_other_options_is_refused(stage, broken_off):
    process = train(*stage(broken_off, "--resume", "--spectral-norm"))
    _, err = process.communicate(timeout=300)
    assert process.returncode == 2
    assert "other options" in err
    assert "Traceback" not in err


def test_artefacts_are_where_the_result_is_restless_and_worse_than_its_average():
    random = np.random.default_rng(0)
    truth = np.full((2, 24, 32, 3), 100, np.float32)
    result = truth.copy()
    result[:, :, 20:] += random.normal(0, 20, (2, 24, 12, 3)).astype("f4")
    seeming = np.array(ops.convert_to_numpy(artefacts(truth, result, truth)))
    assert seeming.shape == (2, 24, 32, 1)
    assert (seeming[:, :, 20:] > 0).mean() > 0.9
    assert (seeming[:, :, :16] == 0).all()
    # an even difference is none, and neither is what the average does too
    assert np.abs(ops.convert_to_numpy(artefacts(truth, truth + 9, truth))).max() < 1e-6
    assert (np.array(ops.convert_to_numpy(artefacts(truth, result, result))) == 0).all()


def test_artefacts_are_weighed_as_published():
    random = np.random.default_rng(1)
    truth = random.uniform(0, 255, (1, 16, 16, 3)).astype("f4")
    result = truth + random.normal(0, 30, truth.shape).astype("f4")
    residual = np.abs(truth - result).sum(-1)[0] / 255
    expected = residual[3:10, 5:12].var() * residual.var() ** 0.2
    seeming = np.array(ops.convert_to_numpy(artefacts(truth, result, truth)))
    assert seeming[0, 6, 8, 0] == pytest.approx(expected, rel=1e-3)


def test_a_grid_is_what_repeats_from_lr_pixel_to_lr_pixel():
    truth = photograph(64, 64)[None].astype("f4")
    pattern = np.zeros((4, 4, 1), np.float32)
    pattern[1, 2] = 16.0
    repeated = np.tile(pattern, (16, 16, 1))[None]
    # 15 of 16 phases are 1 below the mean, one is 15 above it
    assert float(grid(truth, truth + repeated)) == pytest.approx((15 + 15**2) / 16, rel=1e-4)
    assert float(grid(truth, truth + 9)) < 1e-6
    random = np.random.default_rng(0).normal(0, 8, truth.shape).astype("f4")
    assert float(grid(truth, truth + random)) < 8**2 / 40


def test_moved_patches_are_crops():
    pixels = np.random.default_rng(0).uniform(0, 255, (2, 20, 20, 3)).astype("f4")
    crops = {}
    for step in range(40):
        moves = adversarial._moves(16, 4, [0, step])
        y, x = (int(np.argmax(cut[0])) for cut in moves)
        crops[y, x] = np.array(ops.convert_to_numpy(adversarial._moved(pixels, moves)))
    assert {0, 4} <= {y for y, _ in crops}
    assert {0, 4} <= {x for _, x in crops}
    for (y, x), crop in crops.items():
        np.testing.assert_array_equal(crop, pixels[:, y : y + 16, x : x + 16])


def test_a_run_is_judged_to_its_end_as_it_began(data, broken_off, start, vgg19):
    process = train(
        *("adversarial", *options(data, broken_off, STEPS), "--resume"), *("--vgg19", vgg19)
    )
    _, err = process.communicate(timeout=300)
    assert process.returncode == 2
    assert "judged by lpips" in err
    assert "Traceback" not in err


def test_the_published_weights(shared, data, start, tmp_path):
    """One step with ImageNet's VGG19 and the true LPIPS."""
    folder = shared / "perceptual"
    if not (folder / "vgg19_features_q8.npz").is_file():
        pytest.skip(f"the weights of VGG19 are not on this machine (no {folder})")
    named = ["--vgg19", folder / "vgg19_features_q8.npz", "--lpips", folder / "lpips_alex.npz"]
    taps = ["--features", "block2_conv2*0.001", "block5_conv4:linear", "--gan", "relativistic"]
    run = options(data, tmp_path / "run", 1)
    trained("adversarial", *run, "--weights", start, *named, *taps, "--pixel-weight", 0.01)
    row = {name: float(value) for name, value in last_row(tmp_path / "run").items()}
    expected = row["content"] + 1e-3 * row["adversarial"] + 0.01 * row["pixel"]
    assert row["loss"] == pytest.approx(expected, rel=1e-3)
    assert 0.05 < row["lpips"] < 0.7


@pytest.mark.parametrize("stage", ["pretrain", "adversarial", "autoencoder"])
def test_every_stage_can_make_pictures_smaller_recolour_them_and_draw_words(
    stage, data, start, vgg19, tmp_path, monkeypatch
):
    class Asked(Exception):
        pass

    def lettering(mixture, *_):
        shares = mixture.reduced_share, mixture.recoloured_share, mixture.lettering_share
        raise Asked(*shares, [p.name for p in mixture.fonts])

    monkeypatch.setattr(Mixture, "lettering", lettering)
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    write_font(fonts / "font.ttf")
    given = ["--generator", f"compact={start}"] if stage == "autoencoder" else ["--weights", start]
    arguments = [stage, *options(data, tmp_path / "out", 1), *given, "--vgg19", vgg19]
    shares = ["--reduced-share", "0.25", "--recoloured-share", "0.75"]
    shares += ["--lettering-share", "0.5", "--fonts", fonts]
    with pytest.raises(Asked) as asked:
        cli.main(["train", *map(str, [*arguments, *shares])])
    assert asked.value.args == (0.25, 0.75, 0.5, ["font.ttf"])


def refused(arguments, tmp_path, capsys):
    code = cli.main(["train", "adversarial", "--data", str(tmp_path), "--output", "o", *arguments])
    assert code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), "--weights"),
        (("--weights", "w", "--patch", "40"), "multiple of 16"),
        (("--weights", "w", "--shift", "6"), "multiple of 4"),
    ],
)
def test_what_cannot_work_is_said_before_anything_is_read(arguments, named, tmp_path, capsys):
    assert named in refused(arguments, tmp_path, capsys)


def logits(*values):
    return ops.convert_to_tensor(np.array(values, np.float32)[:, None])


def softplus(x):
    return np.log1p(np.exp(x))


def test_vanilla_is_cross_entropy():
    real, fake = np.array([1.0, 3.0]), np.array([-2.0, 0.5])
    game = GAMES["vanilla"]
    judging = softplus(-real).mean() + softplus(fake).mean()
    assert float(game.discriminator(logits(*real), logits(*fake))) == pytest.approx(judging)
    assert float(game.generator(None, logits(*fake))) == pytest.approx(softplus(-fake).mean())


def test_hinge_is_content_with_a_margin_of_one():
    game = GAMES["hinge"]
    assert float(game.discriminator(logits(1.0, 5.0), logits(-1.0, -7.0))) == 0
    assert float(game.discriminator(logits(0.5), logits(2.0))) == pytest.approx(3.5)
    assert float(game.generator(None, logits(2.0, 4.0))) == pytest.approx(-3)


def test_relativistic_compares_with_the_average_of_the_others():
    real, fake = np.array([1.0, 3.0]), np.array([-2.0, 0.5])
    game = GAMES["relativistic"]
    judging = (softplus(fake.mean() - real).mean() + softplus(fake - real.mean()).mean()) / 2
    making = (softplus(real.mean() - fake).mean() + softplus(real - fake.mean()).mean()) / 2
    assert float(game.discriminator(logits(*real), logits(*fake))) == pytest.approx(judging)
    assert float(game.generator(logits(*real), logits(*fake))) == pytest.approx(making)


def test_paired_compares_with_the_same_place_of_the_truth():
    real, fake = np.array([1.0, 3.0]), np.array([-2.0, 4.5])
    game = GAMES["paired"]
    judging, making = softplus(fake - real).mean(), softplus(real - fake).mean()
    assert float(game.discriminator(logits(*real), logits(*fake))) == pytest.approx(judging)
    assert float(game.generator(logits(*real), logits(*fake))) == pytest.approx(making)


def test_content_weighs_each_layer():
    truth, result = [np.zeros((1, 2, 2, 3)), np.zeros((1, 1))], [np.ones((1, 2, 2, 3)), [[3.0]]]
    assert float(content(truth, result, [2.0, 0.5])) == pytest.approx(2 * 1 + 0.5 * 9)


def features_of(picture, *texts, weights):
    model = vgg19_features(weights, [Tap.parse(text) for text in texts])
    found = model.predict_on_batch(picture[None].astype(np.float32))
    return found if isinstance(found, list) else [found]


def test_features_come_from_where_they_are_asked_for(vgg19):
    weights = vgg19_weights(vgg19)
    photo = photograph(64, 48)
    after, before, early = features_of(
        photo, "block5_conv4", "block5_conv4:linear", "block2_conv1", weights=weights
    )
    assert after.shape == (1, 3, 4, MAPS)
    assert early.shape == (1, 24, 32, MAPS)
    assert before.min() < 0
    np.testing.assert_allclose(after, np.maximum(before, 0))


def test_features_see_centred_bgr_and_are_rescaled(vgg19):
    weights = vgg19_weights(vgg19)
    kernel = np.zeros((3, 3, 3, MAPS), np.float32)
    kernel[1, 1] = np.eye(3, MAPS)
    weights["block1_conv1"] = (kernel, np.zeros(MAPS, np.float32))
    picture = np.full((4, 4, 3), (200, 150, 50), np.uint8)
    [seen] = features_of(picture, "block1_conv1:linear", weights=weights)
    blue, green, red = 50 - 103.939, 150 - 116.779, 200 - 123.68
    np.testing.assert_allclose(seen[0, 1, 1], np.array([blue, green, red, 0]) / 12.75, rtol=1e-5)


def test_unit_features_count_alike_wherever_they_are(vgg19):
    weights = vgg19_weights(vgg19)
    photo = photograph(64, 48)
    plain, unit = features_of(photo, "block2_conv2", "block2_conv2:unit", weights=weights)
    lengths = np.linalg.norm(plain, axis=-1, keepdims=True)
    seen = lengths[..., 0] > 0
    assert seen.any()
    np.testing.assert_allclose(np.square(unit[seen]).mean(axis=-1), 1, rtol=1e-4)
    np.testing.assert_allclose(
        unit[seen], (plain / np.where(lengths, lengths, 1))[seen] * MAPS**0.5, rtol=1e-4, atol=1e-6
    )


def test_half_precision_features_are_close_and_float32(vgg19):
    weights, photo = vgg19_weights(vgg19), photograph(32, 32)
    [full] = features_of(photo, "block3_conv4", weights=weights)
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        [half] = features_of(photo, "block3_conv4", weights=weights)
    finally:
        keras.mixed_precision.set_global_policy("float32")
    assert half.dtype == np.float32
    difference = np.linalg.norm(half - full) / np.linalg.norm(full)
    assert 0 < difference < 0.05


def test_kernels_may_be_numbers_of_values_in_a_table(tmp_path):
    arrays = small_vgg19()
    name = LAYERS[4]
    table = np.linspace(-1, 1, 256, dtype=np.float32)
    numbers = np.random.default_rng(0).integers(0, 256, (3, 3, MAPS, MAPS), np.uint8)
    del arrays[f"{name}_kernel"]
    arrays |= {f"{name}_kernel_table": table, f"{name}_kernel_idx": numbers}
    np.savez(tmp_path / "vgg.npz", **arrays)  # type: ignore[arg-type]
    kernel, _ = vgg19_weights(tmp_path / "vgg.npz")[name]
    np.testing.assert_array_equal(kernel, table[numbers])


def test_weights_that_are_none_are_named(tmp_path):
    with pytest.raises(NetworkUnavailable, match="no file"):
        vgg19_weights(tmp_path / "missing.npz")
    arrays = small_vgg19()
    arrays["block3_conv2_kernel"] = arrays["block3_conv2_kernel"][:, :, :2]
    np.savez(tmp_path / "odd.npz", **arrays)  # type: ignore[arg-type]
    with pytest.raises(NetworkUnavailable, match="block3_conv2"):
        vgg19_weights(tmp_path / "odd.npz")
    np.savez(tmp_path / "other.npz", other=np.zeros(3))
    with pytest.raises(NetworkUnavailable, match=r"other\.npz"):
        vgg19_weights(tmp_path / "other.npz")


def test_without_a_file_or_a_download_both_ways_are_named(monkeypatch):
    def unreachable(**_):
        raise Exception("URL fetch failure")

    monkeypatch.setattr("keras.applications.VGG19", unreachable)
    with pytest.raises(NetworkUnavailable, match=r"URL fetch failure.*--vgg19") as raised:
        vgg19_weights(None)
    assert features.WEIGHTS_VARIABLE in str(raised.value)


@pytest.mark.parametrize("text", ["block6_conv1", "block5_conv4:relu", "", "block5_conv4*much"])
def test_places_that_are_none_are_refused(text):
    with pytest.raises(BadOption):
        Tap.parse(text)


def test_a_place_can_be_weighed():
    assert Tap.parse("block3_conv4:linear*0.25") == Tap("block3_conv4", True, 0.25)
    assert Tap.parse("block3_conv4:unit*2") == Tap("block3_conv4", False, 2.0, unit=True)
