"""`python -m srgan train`: train a network from a folder of high-resolution pictures.

Needs nothing but NumPy, Pillow, Keras and one of its backends (`KERAS_BACKEND`).
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from srgan.errors import BadOption

if TYPE_CHECKING:
    from srgan.training.mixture import Mixture

STAGES = ("pretrain", "adversarial", "autoencoder")
NETWORKS = ("compact", "paper")
PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")
LOSSES = ("l1", "mse", "psnr", "psnr-luma", "perceptual")
GANS = ("vanilla", "relativistic", "paired", "hinge")
DISCRIMINATORS = ("paper", "unet", "features")

# by the stage: the adversarial one is the paper's (arXiv 1609.04802, section 3.2)
LEARNING_RATES = {"pretrain": 4e-4, "adversarial": 1e-4, "autoencoder": 4e-4}

# below this LPIPS's network does not fit into what the cropped border leaves
SMALLEST_FOR_LPIPS = 40


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser("train", help="train a network on your own pictures")
    parser.add_argument("stage", choices=STAGES, help="what to train")
    parser.add_argument("--data", type=Path, required=True, help="folder of HR pictures")
    parser.add_argument("--validation", type=Path, help="another folder (default: 8:2 split)")
    parser.add_argument(
        "--validation-pictures", type=int, default=12, help="how many (%(default)s)"
    )
    parser.add_argument("--output", type=Path, required=True, help="folder for the results")
    parser.add_argument("--cache", type=Path, default=Path("runs/cache"), help="decoded pictures")
    parser.add_argument("--network", choices=NETWORKS, default="compact", help="generator's shape")
    parser.add_argument(
        "--int8",
        action="store_true",
        help="the 8-bit form of the compact generator or the autoencoder (--weights may be of "
        "either form, with or without this)",
    )
    parser.add_argument("--batch-norm", action="store_true", help="the paper's exact blocks")
    parser.add_argument("--weights", type=Path, help="start from these .weights.h5")
    parser.add_argument(
        "--generator",
        action="append",
        default=[],
        metavar="NETWORK=FILE[*SHARE]",
        help="autoencoder: a trained generator whose output it learns to clean, and how often it "
        "is drawn (repeatable)",
    )
    parser.add_argument(
        "--teacher",
        metavar="NETWORK=FILE[*SHARE]",
        help="pretrain: a trained generator to learn from in place of the truth, and how much of "
        "it (all)",
    )
    parser.add_argument(
        "--upcycled-share",
        type=float,
        default=0.0,
        help="pretrain: how many patches are of the pictures as low resolution, at half their "
        "size, which the --teacher alone can enlarge (%(default)s)",
    )
    parser.add_argument(
        "--clean-share",
        type=float,
        help="autoencoder: how many patches are left as they are (default: 0.15)",
    )
    parser.add_argument("--minutes", type=float, help="stop after so much training")
    parser.add_argument("--steps", type=int, help="stop after so many steps")
    parser.add_argument(
        "--stop-after", type=int, metavar="STEP", help="save and stop there; --resume goes on"
    )
    parser.add_argument("--patch", type=int, default=96, help="HR patch side (%(default)s)")
    parser.add_argument("--batch", type=int, default=16, help="patches a step (%(default)s)")
    parser.add_argument(
        "--loss",
        choices=LOSSES,
        default="l1",
        help="of pixels (psnr: of how many dB a patch is off; psnr-luma: in brightness above all), "
        "or (autoencoder) the adversarial stage's, with its options (%(default)s)",
    )
    parser.add_argument(
        "--reduced-share",
        type=float,
        default=0.0,
        help="how many patches are of pictures made smaller, by half at most (%(default)s)",
    )
    parser.add_argument(
        "--recoloured-share",
        type=float,
        default=0.0,
        help="how many patches of photographs change their colours about (%(default)s)",
    )
    parser.add_argument(
        "--lettering-share",
        type=float,
        default=0.0,
        help="how many patches are of printed words, drawn in --fonts (%(default)s)",
    )
    parser.add_argument("--fonts", type=Path, metavar="DIR", help="folder of .ttf and .otf files")
    parser.add_argument(
        "--smooth-weight",
        type=float,
        default=0.0,
        help="of what even colours, ramps and straight bars become, up to their borders "
        "(%(default)s)",
    )
    rates = ", ".join(f"{rate:g} for {stage}" for stage, rate in LEARNING_RATES.items())
    parser.add_argument("--learning-rate", type=float, help=f"peak (default: {rates})")
    parser.add_argument("--warmup", type=float, default=0.01, help="share of the run (%(default)s)")
    parser.add_argument(
        "--ema",
        type=float,
        default=0.999,
        help="of the weights, over about 1 / (1 - EMA) steps; less for short runs (%(default)s)",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--precision", choices=PRECISIONS, default="float32")
    parser.add_argument("--compiled", action="store_true", help="XLA on TensorFlow")
    parser.add_argument("--save-every", type=float, default=180, metavar="SECONDS")
    parser.add_argument("--validate-every", type=float, default=300, metavar="SECONDS")
    parser.add_argument("--resume", action="store_true", help="go on from the output folder")
    adversarial = parser.add_argument_group(
        "adversarial", "The stage needs --weights, those that pretrain gave."
    )
    adversarial.add_argument(
        "--vgg19",
        type=Path,
        metavar="FILE",
        help="VGG19's weights, .npz or Keras's .h5 (default: the file that SRGAN_VGG19_WEIGHTS "
        "names, or else Keras downloads them)",
    )
    adversarial.add_argument(
        "--features",
        nargs="+",
        default=["block5_conv4"],
        metavar="LAYER[:linear|:unit][*WEIGHT]",
        help="what the content loss compares, :linear for before the activation, :unit for after "
        "it with every place's features brought to one length (%(default)s)",
    )
    adversarial.add_argument("--gan", choices=GANS, default=GANS[0], help="(%(default)s)")
    adversarial.add_argument(
        "--adversarial-weight", type=float, default=1e-3, help="of the GAN's loss (%(default)s)"
    )
    adversarial.add_argument(
        "--pixel-weight",
        type=float,
        default=0.0,
        help="of the mean absolute difference in levels of 0..255 (%(default)s)",
    )
    adversarial.add_argument(
        "--artefact-weight",
        type=float,
        default=0.0,
        help="of a pixel term where the result differs as artefacts do (%(default)s)",
    )
    adversarial.add_argument(
        "--grid-weight",
        type=float,
        default=0.0,
        help="of the pattern that repeats from LR pixel to LR pixel (%(default)s)",
    )
    adversarial.add_argument(
        "--shift",
        type=int,
        default=0,
        help="move the patches that features and discriminator see, in pixels (%(default)s)",
    )
    adversarial.add_argument(
        "--discriminator",
        choices=DISCRIMINATORS,
        default=DISCRIMINATORS[0],
        help="unet judges every pixel, in 5 times the arithmetic; features judges those of VGG19, "
        "in a third of it (%(default)s)",
    )
    adversarial.add_argument(
        "--spectral-norm",
        action="store_true",
        help="in place of the paper's discriminator's batch norm",
    )
    adversarial.add_argument(
        "--discriminator-maps",
        type=int,
        default=64,
        help="of the paper's discriminator's first layer (%(default)s)",
    )
    adversarial.add_argument(
        "--discriminator-weights",
        type=Path,
        metavar="FILE",
        help="start from the discriminator.weights.h5 of another run",
    )
    adversarial.add_argument(
        "--lpips",
        metavar="FILE",
        help="LPIPS's weights, an .npz: LPIPS then decides which weights are the best, otherwise "
        "PSNR-Y (default: the file that SRGAN_LPIPS_WEIGHTS names)",
    )


def run(args: argparse.Namespace) -> int:
    """Train; returns 0, or 130 after Ctrl-C (everything saved). Raises srgan.errors.SrganError."""
    from srgan.training.data import Pictures, find_pictures, split
    from srgan.training.loop import Settings

    _check(args)
    mixture = _mixture(args)
    try:
        settings = Settings(
            output=args.output,
            minutes=args.minutes,
            steps=args.steps,
            learning_rate=args.learning_rate or LEARNING_RATES[args.stage],
            warmup=args.warmup,
            ema=args.ema,
            seed=args.seed,
            save_every=args.save_every,
            validate_every=args.validate_every,
            resume=args.resume,
            stop_after=args.stop_after,
        )
        training = find_pictures(args.data)
        if args.validation:
            validation = find_pictures(args.validation)
            training = _without(validation, training)
        else:
            training, validation = split(training)
        pictures = Pictures(training, args.cache)
        held_out = Pictures(validation, args.cache)
    except (FileNotFoundError, ValueError) as error:
        print(f"srgan train: {error}", file=sys.stderr)
        return 2
    for sentence in pictures.broken + held_out.broken:
        print(f"skipped {sentence}", file=sys.stderr)
    print(f"{len(pictures.pairs)} pictures to train on, {len(held_out.pairs)} to validate")
    shown = _spread(held_out.pairs, args.validation_pictures)
    try:
        _stage(args, mixture, pictures.pairs, shown, settings)
    except KeyboardInterrupt:
        return 130
    return 0


def _without(held_out: list[Path], pictures: list[Path]) -> list[Path]:
    """Those of `pictures` that are none of `held_out`. Raises BadOption if none are left."""
    held = {path.resolve() for path in held_out}
    others = [path for path in pictures if path.resolve() not in held]
    if not others:
        raise BadOption("All pictures in --data are in --validation: none are left to train on.")
    return others


def _spread(items: list, count: int) -> list:
    """At most `count` items, evenly from the whole list."""
    return [items[i * len(items) // count] for i in range(count)] if len(items) > count else items


def _stage(
    args: argparse.Namespace, mixture: "Mixture", training: list, validation: list, settings
) -> None:
    import keras

    keras.mixed_precision.set_global_policy(args.precision)
    keras.utils.set_random_seed(args.seed)
    from srgan.training.pretrain import forward, pretrain
    from srgan.training.teacher import Teacher

    common = {
        "patch": args.patch,
        "batch": args.batch,
        "compiled": args.compiled,
        "mixture": mixture,
    }
    facts = {
        "network": args.network,
        "int8": args.int8,
        "precision": args.precision,
        "data": len(training),
    }
    if args.stage == "pretrain":
        model = _begun(args)
        more = {"facts": facts, "smooth_weight": args.smooth_weight}
        if args.teacher:
            network, share = _trained(args.teacher)
            file = _named(args.teacher)[1]
            more["teacher"] = Teacher(forward(network), file, share, args.cache)
            more["upcycled_share"] = args.upcycled_share
        pretrain(model, training, validation, settings, args.loss, **more, **common)
    elif args.stage == "adversarial":
        _adversarial(args, training, validation, settings, facts, common)
    else:
        _autoencoder(args, training, validation, settings, facts, common)


def _check(args: argparse.Namespace) -> None:
    """Say at once what would only be found out after all pictures were read."""
    from srgan.training.data import SCALE

    _check_numbers(args)
    if args.stage == "adversarial" and args.weights is None and not args.resume:
        raise BadOption("The adversarial stage starts from --weights: those that pretrain gave.")
    if args.int8 and args.network == "paper" and args.stage != "autoencoder":
        raise BadOption("The paper's network has no --int8 form: --network compact has.")
    if args.stage == "pretrain" and args.loss == "perceptual":
        raise BadOption("Pretraining is on a pixel loss: the perceptual one comes after it.")
    if args.stage == "autoencoder" and not args.generator:
        raise BadOption("The autoencoder needs a trained --generator to learn from.")
    if args.teacher and args.stage != "pretrain":
        raise BadOption("Only the pretrain stage learns from a --teacher.")
    if args.upcycled_share and not args.teacher:
        raise BadOption("Only a --teacher can enlarge what --upcycled-share asks for.")
    for wanted in args.generator:
        _named(wanted)
    if args.teacher:
        lessons = _named(args.teacher)[2]
        if lessons > 1:
            raise BadOption(f"A teacher's share is from 0 to 1: --teacher {args.teacher}.")
        if lessons and args.reduced_share:
            raise BadOption("A --teacher has no lessons for pictures made smaller.")
    if bool(args.lettering_share) != bool(args.fonts):
        raise BadOption("--lettering-share and --fonts go together: what is drawn, and in which.")
    if not _perceptual(args):
        return
    if args.patch % 16:
        raise BadOption(f"The discriminator wants a --patch that is a multiple of 16: {args.patch}")
    if args.shift < 0 or args.shift % SCALE:
        raise BadOption(f"--shift is a multiple of {SCALE} from 0 up, not {args.shift}.")


def _check_numbers(args: argparse.Namespace) -> None:
    from srgan.training.data import SCALE

    amounts = "steps", "minutes", "patch", "batch", "learning_rate"
    for name in (*amounts, "validation_pictures", "discriminator_maps"):
        amount = getattr(args, name)
        if amount is not None and not amount > 0:
            raise BadOption(f"{_option(name)} is a number above 0, not {amount}.")
    if args.patch % SCALE:
        raise BadOption(f"--patch is a multiple of {SCALE}, not {args.patch}.")
    if not 0 <= args.ema < 1:
        raise BadOption(f"--ema is a number from 0 to below 1, not {args.ema}.")
    shares = "clean", "reduced", "recoloured", "upcycled", "lettering"
    for name in (f"{what}_share" for what in shares):
        share = getattr(args, name)
        if share is not None and not 0 <= share <= 1:
            raise BadOption(f"{_option(name)} is a share from 0 to 1, not {share}.")


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _mixture(args: argparse.Namespace) -> "Mixture":
    """What patches are of; raises `BadOption` before all pictures were read, too."""
    from srgan.training.lettering import find_fonts
    from srgan.training.mixture import Mixture

    fonts = find_fonts(args.fonts) if args.fonts else []
    mixture = Mixture(args.reduced_share, args.lettering_share, fonts, args.recoloured_share)
    mixture.words(args.batch)
    return mixture


def _named(wanted: str) -> tuple[str, Path, float]:
    """The parts of NETWORK=FILE[*SHARE]: a name of `NETWORKS`, a file, a number from 0 up."""
    network, _, rest = wanted.partition("=")
    file, _, share = rest.partition("*")
    try:
        weight = float(share or 1)
    except ValueError:
        weight = -1.0
    if network not in NETWORKS or not file or not 0 <= weight < float("inf"):
        raise BadOption(
            f"A trained generator is named as {' or '.join(f'{n}=FILE' for n in NETWORKS)}, or "
            f"with a share as in {NETWORKS[0]}=FILE*0.5, not as {wanted}."
        )
    return network, Path(file), weight


def _perceptual(args: argparse.Namespace) -> bool:
    return args.stage == "adversarial" or args.loss == "perceptual"


def _adversarial(args: argparse.Namespace, training, validation, settings, facts, common) -> None:
    model = _begun(args)
    _against_discriminator(args, model, training, validation, settings, facts, common)


def _autoencoder(args: argparse.Namespace, training, validation, settings, facts, common) -> None:
    from srgan.training.autoencoder import degraded, train_autoencoder
    from srgan.training.degradation import CLEAN_SHARE

    model = _begun(args)
    given = [_trained(wanted) for wanted in args.generator]
    generators, shares = map(list, zip(*given, strict=True))

    side = args.patch + (args.shift if _perceptual(args) else 0)

    def source(pictures):
        return degraded(
            model,
            generators,
            shares,
            training,
            pictures,
            args.seed,
            side,
            args.batch,
            CLEAN_SHARE if args.clean_share is None else args.clean_share,
            common["mixture"],
        )

    if _perceptual(args):
        _against_discriminator(args, model, training, validation, settings, facts, common, source)
        return
    facts |= {"patch": args.patch, "batch": args.batch}
    train_autoencoder(
        model,
        source(validation),
        settings,
        args.loss,
        args.compiled,
        facts,
        args.smooth_weight,
    )


def _against_discriminator(
    args: argparse.Namespace, model, training, validation, settings, facts, common, source=None
) -> None:
    """Train `model` on the perceptual loss; `source` makes its `Source` of validation pictures."""
    import keras

    from srgan.evaluation import lpips
    from srgan.networks import discriminator, features, unet_discriminator
    from srgan.networks.feature_discriminator import TAPS, feature_discriminator
    from srgan.networks.stored import load_stored
    from srgan.training.adversarial import Recipe, train_adversarial

    taps = [features.Tap.parse(text) for text in args.features]
    judge = lpips.weights_file(args.lpips)
    if judge is None:
        print(
            "best is what has the highest PSNR-Y, which says little of this stage: name LPIPS's "
            f"weights with --lpips or {lpips.WEIGHTS_VARIABLE}",
            file=sys.stderr,
        )
    else:
        validation = [p for p in validation if min(p.hr.shape[:2]) >= SMALLEST_FOR_LPIPS]
        if not validation:
            raise BadOption(f"LPIPS needs validation pictures from {SMALLEST_FOR_LPIPS} pixels up.")
    file = features.weights_file(args.vgg19)
    vgg19 = features.vgg19_weights(file)
    shown: tuple[features.Tap, ...] = ()  # to the discriminator, if not pixels
    steady = None
    if args.artefact_weight:
        steady = _built(args)
    if args.precision == "mixed_float16":
        # VGG19's features pass float16's largest number; the other two have no need of precision
        keras.mixed_precision.set_global_policy("mixed_bfloat16")
    if args.discriminator == "unet":
        if (
            args.compiled
            and args.precision != "float32"
            and keras.backend.backend() == "tensorflow"
        ):
            raise BadOption(
                "XLA on TensorFlow cannot differentiate the U-Net in mixed precision: leave "
                "--compiled out, or take another KERAS_BACKEND."
            )
        judging = unet_discriminator(args.patch)
    elif args.discriminator == "features":
        shown = TAPS
        judging = feature_discriminator([len(vgg19[tap.layer][1]) for tap in TAPS])
    else:
        judging = discriminator(args.patch, args.spectral_norm, args.discriminator_maps)
    if args.discriminator_weights:
        load_stored(judging, args.discriminator_weights)
    train_adversarial(
        model,
        judging,
        features.vgg19_features(vgg19, [*taps, *shown]),
        training,
        validation,
        settings,
        Recipe(
            args.gan,
            tuple(tap.weight for tap in taps),
            args.adversarial_weight,
            args.pixel_weight,
            args.artefact_weight,
            args.grid_weight,
            args.smooth_weight,
            args.shift,
        ),
        None if judge is None else lpips.Lpips(judge),
        facts={**facts, "features": args.features, "vgg19": file.name if file else "imagenet"},
        source=source and source(validation),
        steady=steady,
        **common,
    )


def _trained(wanted: str):
    """The generator that NETWORK=FILE[*SHARE] names, with its weights, and its share."""
    from srgan.networks.stored import stored

    network, file, share = _named(wanted)
    return stored(network, file)[1], share


def _begun(args: argparse.Namespace):
    """The network to train, with the weights it starts from, whichever form they are of."""
    from srgan.networks import INT8
    from srgan.networks.stored import load_stored, stored
    from srgan.training.calibration import in_floats, in_int8

    if args.weights is None or args.batch_norm:
        model = _built(args)
        if args.weights:
            load_stored(model, args.weights)
        return model
    architecture = args.stage if args.stage == "autoencoder" else args.network
    form, given = stored(architecture, args.weights)
    if form.endswith(INT8) == args.int8:
        return given
    return in_int8(form, given, args.data) if args.int8 else in_floats(architecture, given)


def _built(args: argparse.Namespace):
    """An untrained network of the kind that `args` ask to train."""
    from srgan.networks import autoencoder, compact_generator, generator

    if args.stage == "autoencoder":
        return autoencoder(int8=args.int8)
    if args.network == "compact":
        return compact_generator(int8=args.int8)
    return generator(args.batch_norm)
