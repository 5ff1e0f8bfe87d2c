"""`python tests/imaging/fuzz_decode.py FOLDER -runs=N`: let atheris look for what breaks `decode`.

FOLDER starts with the good files and keeps what reaches new code of ours and of Pillow.
"""

import sys
import warnings
from pathlib import Path

import atheris  # type: ignore[import-not-found]

sys.path.insert(0, str(Path(__file__).parents[2]))

with atheris.instrument_imports(include=["PIL", "srgan.imaging"]):
    from srgan.imaging import Picture, decode

from srgan.errors import SrganError
from srgan.limits import Limits
from tests.imaging import corpus

# Smaller than in use, so that time goes into odd files and not into large ones.
LIMITS = Limits(max_pixels=1_000_000)


def one_file(data: bytes) -> None:
    """Raises for whatever is neither a picture nor one of our errors with its sentence."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            outcome: Picture | str = decode(data, LIMITS)
        except SrganError as error:
            outcome = str(error)
    if not isinstance(outcome, Picture) and not outcome.endswith("."):
        raise AssertionError(f"no sentence: {outcome!r}")


def main() -> None:
    """Fill the folder and hand over to atheris, which does not return."""
    folder = Path(sys.argv[1])
    for name, data in corpus.good_files().items():
        (folder / name.replace(" ", "-")).write_bytes(data)
    atheris.Setup([*sys.argv, "-timeout=5", "-rss_limit_mb=600", "-max_len=8192"], one_file)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
