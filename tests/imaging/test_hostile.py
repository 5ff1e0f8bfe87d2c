"""Whatever bytes come in: a picture or one of our errors, soon, and no warning."""

import json
import os
import struct
import subprocess
import sys
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from srgan.errors import BrokenPicture, SrganError, UnsupportedFormat
from srgan.imaging import Picture, decode
from srgan.limits import Limits
from tests.imaging import corpus, pictures
from tests.imaging.pictures import saved
from tests.imaging.trial import Verdict, figures, tried
from tests.imaging.webp_codes import webp_of_many_codes

ROOT = Path(__file__).parents[2]
LIMITS = Limits()
FILES = corpus.good_files()

SECONDS, MEGABYTES = 5, 600  # what a file may cost


def check(data):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            outcome: Picture | str = decode(data, LIMITS)
        except SrganError as error:
            outcome = str(error)
    assert isinstance(outcome, Picture) or outcome.endswith(".")


few = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
many = settings(few, max_examples=20_000)


@st.composite
def damaged_files(draw):
    """A good file, cut, with bytes changed (mostly near its beginning), or spliced with another."""
    good = sorted(FILES.values())
    data = bytearray(draw(st.sampled_from(good)))
    at = st.integers(0, len(data) - 1) | st.integers(0, min(len(data) - 1, 150))
    if draw(st.booleans()):
        values = st.sampled_from([0, 1, 127, 128, 255]) | st.integers(0, 255)
        for place, value in draw(st.lists(st.tuples(at, values), min_size=1, max_size=8)):
            data[place] = value
    if draw(st.booleans()):
        data = data[: draw(at)]
    if draw(st.integers(0, 9)) == 0:
        other = draw(st.sampled_from(good))
        data += other[draw(st.integers(0, len(other) - 1)) :]
    return bytes(data)


@few
@given(damaged_files())
def test_damaged_files(data):
    check(data)


@pytest.mark.slow
@many
@given(damaged_files())
def test_many_damaged_files(data):
    check(data)


@few
@given(
    st.sampled_from(
        [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\0\1\0\0WEBPVP8 ", b"BM", b"II*\0", b"MM\0*"]
    )
    | st.just(b""),
    st.binary(max_size=200),
)
def test_bytes_at_random_after_a_good_beginning(magic, rest):
    check(magic + rest)


@pytest.mark.parametrize("name", sorted(FILES))
def test_cuts_at_every_place_of_the_beginning(name):
    data = FILES[name]
    for length in range(min(len(data), 100)):
        check(data[:length])


# The corpus


def mistakes(verdicts: list[Verdict]) -> list[Verdict]:
    return [
        verdict
        for verdict in verdicts
        if not verdict.foreseen or (verdict.sentence != "" and not verdict.sentence.endswith("."))
    ]


def test_small_bad_files():
    verdicts = [tried(name, data) for name, data in corpus.small()]
    assert mistakes(verdicts) == []
    assert len(verdicts) > 2000
    outcomes = {verdict.outcome for verdict in verdicts}
    assert outcomes == {
        *("Picture", "NotAPicture", "BrokenPicture", "AnimatedPicture", "PictureTooLarge"),
        "UnsupportedFormat",
    }


@pytest.mark.slow
def test_all_bad_files_in_a_process_of_their_own():
    command = [sys.executable, "-m", "tests.imaging.trial", "--lines"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, lines[-1:]  # the file that ended the process
    verdicts = [Verdict(**line) for line in lines if "outcome" in line]
    print(figures(verdicts))
    assert mistakes(verdicts) == []
    assert [it for it in verdicts if it.seconds > SECONDS or it.megabytes > MEGABYTES] == []
    assert "Traceback" not in done.stderr
    assert "Warning:" not in done.stderr.replace("TIFFReadDirectory: Warning:", "")


@pytest.mark.slow
def test_files_that_atheris_makes_up(tmp_path):
    pytest.importorskip("atheris", reason="pip install atheris, to search for files by coverage")
    fuzzer = ROOT / "tests/imaging/fuzz_decode.py"
    found = tmp_path / "found"
    found.mkdir()
    # by a shell of its own: libFuzzer counts what the process had that started it as the fuzzer's
    command = ["sh", "-c", '"$@"; exit $?', "sh"]
    command += [sys.executable, str(fuzzer), str(found), "-runs=30000", "-seed=1"]
    # glibc looks whether anything was written beyond its piece of memory
    checks = {"LD_PRELOAD": "libc_malloc_debug.so.0", "GLIBC_TUNABLES": "glibc.malloc.check=3"}
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=os.environ | checks,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,  # libFuzzer hangs where it is told of such a piece
    )
    assert done.returncode == 0, done.stderr[-5000:]
    print([line for line in done.stderr.splitlines() if line.startswith("Done")])


# What once took a minute of 30 MB: Pillow walks over these in Python, piece by piece, or copies
# what is left again and again.


def jpeg():
    return FILES["jpeg"]


@pytest.mark.parametrize("filling", [b"\xff", b"\0", b"\xff\0", b"\xff\x01", b"\xff\xfe\0\2"])
def test_a_jpeg_with_litter_before_its_pixels(filling):
    after_jfif = 20  # bytes
    litter = filling * (1_000_000 // len(filling))
    data = jpeg()[:after_jfif] + litter + jpeg()[after_jfif:]
    with pytest.raises(BrokenPicture):
        decode(data, LIMITS)


@pytest.mark.parametrize("end", [b"\xff\xd9", b"\0", b""])
def test_a_jpeg_with_filling_among_its_pixels(end):
    with pytest.raises(BrokenPicture):
        decode(jpeg()[:-2] + b"\xff" * 1_000_000 + end, LIMITS)


def test_a_jpeg_with_filling_behind_its_end_is_read():
    assert decode(jpeg() + b"\xff" * 1_000_000, LIMITS).size == (18, 24)


def test_a_jpeg_with_a_little_filling_is_read():
    data = jpeg()[:2] + b"\xff" * 1000 + jpeg()[2:-2] + b"\xff" * 1000 + jpeg()[-2:]
    assert decode(data, LIMITS).size == (18, 24)


def test_a_jpeg_of_as_much_metadata_as_fits_is_read():
    segment = b"\xff\xe1\xff\xff" + bytes(65_533)
    assert decode(jpeg()[:2] + segment * 400 + jpeg()[2:], LIMITS).size == (18, 24)


def test_a_jpeg_whose_exif_data_comes_in_many_segments():
    part = b"\xff\xe1" + struct.pack(">H", 60_008) + b"Exif\0\0" + bytes(60_000)
    assert isinstance(decode(jpeg()[:2] + part * 10 + jpeg()[2:], LIMITS), Picture)
    with pytest.raises(BrokenPicture):
        decode(jpeg()[:2] + part * 40 + jpeg()[2:], LIMITS)


def test_a_jpeg_of_far_too_many_tables_or_resources():
    tables = b"\xff\xdb" + struct.pack(">H", 2 + 65 * 1000) + (b"\0" + b"\1" * 64) * 1000
    resources = b"\xff\xed" + struct.pack(">H", 60_016) + b"Photoshop 3.0\0"
    resources += b"8BIM\0\1\0\0\0\0\0\0" * 5000
    for segment in (tables, resources):
        assert decode(jpeg()[:2] + segment + jpeg()[2:], LIMITS).size == (18, 24)
        with pytest.raises(BrokenPicture) as broken:
            decode(jpeg()[:2] + segment * 3 + jpeg()[2:], LIMITS)
        assert "too many" in str(broken.value.__cause__)


@pytest.mark.parametrize("name", ["IDAT", "tEXt", "prVt"])
@pytest.mark.parametrize("last", [False, True])
def test_a_png_of_far_too_many_pieces(name, last):
    good = pictures.saved(pictures.photo(), "PNG")
    place = len(good) - 12 if last else 33
    chunk = pictures.png_chunk(name, b"")
    with pytest.raises(BrokenPicture):
        decode(good[:place] + chunk * 60_000 + good[place:], LIMITS)


def test_a_png_in_many_pieces_is_read():
    header = corpus.ihdr(24, 18)
    body = zlib.compress(bytes(18 * 73), 0)
    pieces = [pictures.png_chunk("IDAT", body[at : at + 1]) for at in range(len(body))]
    data = corpus.PNG_MAGIC + header + b"".join(pieces) + pictures.png_chunk("IEND", b"")
    assert decode(data, LIMITS).size == (24, 18)


def test_a_jpeg_of_too_many_passes():
    data = FILES["jpeg progressive"]
    scan = data.rindex(b"\xff\xda")
    with pytest.raises(UnsupportedFormat, match="passes"):
        decode(data[:-2] + data[scan:-2] * 101 + data[-2:], LIMITS)


@pytest.mark.parametrize("bits", [4, 8])
def test_a_packed_bmp_is_read_where_it_is_small(bits):
    body = b"\3\x11\0\0\3\0\0\1"  # three pixels, the next line, three pixels, the end
    assert decode(corpus.packed_bmp(3, 2, bits, body), LIMITS).size == (3, 2)
    for data in (
        corpus.packed_bmp(3000, 2000, bits, body),
        corpus.packed_bmp(3000, -2000, bits, body),
        corpus.packed_bmp(300, 200, bits, b"\1\7" * 2_000_000),
    ):
        with pytest.raises(UnsupportedFormat, match="packed"):
            decode(data, LIMITS)


def test_a_bmp_of_as_many_pixels_that_is_not_packed_is_read():
    assert decode(saved(Image.new("L", (3000, 2000)), "BMP"), LIMITS).size == (3000, 2000)


@pytest.mark.parametrize("tag", [273, 279, 324, 325])
def test_a_tiff_of_far_too_many_strips_or_tiles(tag):
    tags = corpus.tiff_tags(9, 7) | {tag: corpus.longs(*[8] * 100_000)}
    with pytest.raises(BrokenPicture) as broken:
        decode(corpus.tiff(tags, bytes(200)), LIMITS)
    assert "too many" in str(broken.value.__cause__)


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("page", [1, 2])
def test_a_tiff_of_far_too_many_entries(big, page):
    good = saved(pictures.photo(), "TIFF", big_tiff=big)
    entries = struct.pack("<Q" if big else "<H", 2000) + bytes(2000 * (20 if big else 12) + 8)
    place = struct.pack("<Q" if big else "<I", len(good))
    at = 8 if big else 4
    if page == 2:
        (first,) = struct.unpack_from("<Q" if big else "<I", good, at)
        (count,) = struct.unpack_from("<Q" if big else "<H", good, first)
        at = first + (8 + 20 * count if big else 2 + 12 * count)
    with pytest.raises(BrokenPicture) as broken:
        decode(good[:at] + place + good[at + len(place) :] + entries, LIMITS)
    assert "too many entries" in str(broken.value.__cause__)


def test_a_tiff_of_a_strip_for_each_row_of_each_plane_is_read():
    rows = 16_384
    tags = corpus.tiff_tags(1, rows) | {278: corpus.longs(1), 284: corpus.shorts(2)}
    tags |= {273: corpus.longs(*[8] * 3 * rows), 279: corpus.longs(*[1] * 3 * rows)}
    assert decode(corpus.tiff(tags), LIMITS).size == (1, rows)


def test_a_profile_of_many_steps_is_used_without_them():
    long = pictures.rgb_profile_of_many_steps(100_000)
    plain = pictures.rgb_profile()
    plain = plain[:8] + long[8:12] + plain[12:]  # of the same version
    expected, got = (
        decode(saved(pictures.photo(), "TIFF", icc_profile=profile), LIMITS).rgb
        for profile in (plain, long)
    )
    np.testing.assert_array_equal(got, expected)
    assert np.abs(got.astype(int) - pictures.photo()).max() > 10


def test_a_webp_of_many_codes_is_read():
    assert decode(webp_of_many_codes(100, 40), LIMITS).size == (100, 100)
