"""`python -m srgan data`: how to get training pictures, and what is wrong with those one has."""

import argparse
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from srgan.errors import BadOption

Size = tuple[int, int]  # width, height

DESCRIPTION = """\
Without a folder: how to get DIV2K. With one: read every picture in it, and compare DIV2K's folders
and archives with what was published. Ends with 1 if something is missing or damaged."""

SHOWN = 5  # of a list of names


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its options."""
    text = "say how to get training pictures, and check those that are there"
    parser = subparsers.add_parser("data", help=text, description=DESCRIPTION)
    parser.add_argument("folder", type=Path, nargs="?", metavar="DIR", help="what to check")


def run(args: argparse.Namespace) -> int:
    """Print what is found; returns 0, or 1 if something is wrong. Raises BadOption."""
    from srgan.training.div2k import PARTS

    if args.folder is None:
        print(_how_to_get())
        return 0
    if not args.folder.is_dir():
        raise BadOption(f"There is no folder {args.folder}.")
    archives = [part.archive for part in PARTS if (args.folder / part.archive.name).is_file()]
    wrong = 0
    for archive in archives:
        whole = archive.is_whole(args.folder / archive.name)
        print(f"{archive.name}: {'as published' if whole else 'NOT as published: get it again'}")
        wrong += not whole
    if any((args.folder / part.folder).is_dir() for part in PARTS):
        wrong += _check_div2k(args.folder)
    elif not archives:
        wrong += _check_any(args.folder)
    return 1 if wrong else 0


def _how_to_get() -> str:
    from srgan.training.div2k import HOME, LICENCE, PARTS

    lines = [f"DIV2K, 900 photographs of about 2040 by 1400 pixels, from {HOME}", LICENCE, ""]
    for part in PARTS:
        wanted = "optional: is made as it is needed" if part.hr else "needed"
        lines.append(f"  {part.archive.url}  {part.archive.size / 1e6:.0f} MB, {wanted}")
    lines += [
        "",
        "Unpack them into one folder DIR, and then:",
        "  srgan data DIR",
        "  srgan train pretrain --data DIR --validation DIR/DIV2K_valid_HR --output RUN",
        "",
        "Any other folder of good photographs will do as well; they are searched for in it.",
    ]
    return "\n".join(lines)


def _check_div2k(folder: Path) -> int:
    """Print a paragraph for each of DIV2K's folders; gives how many things are wrong."""
    from srgan.training.div2k import PARTS

    wrong = 0
    sizes: dict[Path, Size] = {}
    for part in PARTS:
        place = folder / part.folder
        if not place.is_dir():
            print(f"{part.folder}: not there" + (", and not needed" if part.hr else ""))
            continue
        expected = [place / name for name in part.names()]
        missing = [file.name for file in expected if not file.is_file()]
        found, broken = _sizes([file for file in expected if file.is_file()])
        sizes |= found
        print(f"{part.folder}: {len(found)} of {len(expected)} pictures, {_range(found)}")
        unlike = []
        if part.hr:
            truths = {file: folder / part.hr / file.name.replace("x4", "") for file in found}
            unlike = [
                file.name
                for file, truth in truths.items()
                if truth in sizes and not _fits(found[file], sizes[truth])
            ]
        wrong += _told("missing", missing) + _told("broken", broken)
        wrong += _told("not a quarter of the large picture", unlike)
    return wrong


def _check_any(folder: Path) -> int:
    """Print what `train --data folder` would find; gives how many things are wrong."""
    from srgan.training.data import find_pictures, split

    try:
        pictures = find_pictures(folder)
    except FileNotFoundError as error:
        print(f"{error}")
        return 1
    found, broken = _sizes(pictures)
    megapixels = sum(width * height for width, height in found.values()) / 1e6
    print(f"{folder}: {len(found)} pictures, {_range(found)}, {megapixels:.0f} megapixels")
    training, validation = split(list(found))
    print(f"  without --validation, {len(validation)} of them validate {len(training)}")
    return _told("broken", broken)


def _sizes(files: Sequence[Path]) -> tuple[dict[Path, Size], list[str]]:
    """The sizes of those pictures that can be read to their end, and what is wrong with others."""
    with ThreadPoolExecutor() as pool:
        sizes = dict(zip(files, pool.map(_size, files), strict=True))
    found = {file: size for file, size in sizes.items() if not isinstance(size, str)}
    broken = [f"{file.name} ({why})" for file, why in sizes.items() if isinstance(why, str)]
    return found, broken


def _size(file: Path) -> Size | str:
    """Its width and height, or why it cannot be read."""
    from srgan.training.data import read_rgb

    try:
        height, width = read_rgb(file).shape[:2]
    except (OSError, ValueError) as error:
        return str(error)
    return width, height


def _fits(small: Size, large: Size) -> bool:
    """Whether `small` is a quarter of `large`, cut to multiples of 4."""
    return all(4 * s == side // 4 * 4 for s, side in zip(small, large, strict=True))


def _range(found: dict[Path, Size]) -> str:
    if not found:
        return "none of them readable"
    ordered = sorted(found.values(), key=lambda size: size[0] * size[1])
    (width, height), (wide, high) = ordered[0], ordered[-1]
    return f"from {width} by {height} to {wide} by {high} pixels"


def _told(what: str, names: Sequence[str]) -> int:
    """Print the first of `names`, if there are any; gives how many there are."""
    if names:
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        print(f"  {what}: {', '.join(names[:SHOWN])}{more}")
    return len(names)
