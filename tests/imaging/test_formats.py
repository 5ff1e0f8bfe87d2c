import pytest

from srgan.errors import BadOption, CannotWrite
from srgan.imaging import check_output_size, extension, output_format_for, sniff
from tests.imaging import pictures


@pytest.mark.parametrize(
    ("original", "result"),
    [
        ("PNG", "PNG"),
        ("JPEG", "JPEG"),
        ("WEBP", "WEBP"),
        ("GIF", "PNG"),
        ("BMP", "PNG"),
        ("TIFF", "PNG"),
        ("AVIF", "JPEG"),
        ("HEIF", "JPEG"),
        (None, "PNG"),
    ],
)
def test_the_same_as_the_original(original, result):
    assert output_format_for(original, transparent=False) == result


@pytest.mark.parametrize("original", ["AVIF", "HEIF"])
def test_transparency_is_kept_where_nothing_is_said(original):
    assert output_format_for(original, transparent=True) == "PNG"


@pytest.mark.parametrize(
    ("name", "ending"), [("PNG", ".png"), ("JPEG", ".jpg"), ("jpg", ".jpg"), ("webp", ".webp")]
)
def test_endings(name, ending):
    assert extension(name) == ending


@pytest.mark.parametrize("name", ["BMP", "gif", ""])
def test_what_is_not_written(name):
    with pytest.raises(BadOption, match="PNG, JPEG or WebP"):
        extension(name)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_the_first_bytes_tell_the_format(format):
    assert sniff(pictures.saved(pictures.photo(), format)[:12]) == format
    assert sniff(b"") is None
    assert sniff(b"RIFF\0\0\0\0WAVE") is None


def test_a_format_that_is_too_small_names_those_that_are_not():
    check_output_size("WEBP", 16_383, 16_383)
    with pytest.raises(CannotWrite, match=r"16,384 × 5 pixels.*WebP.*16,383.*PNG or JPEG"):
        check_output_size("WEBP", 16_384, 5)
    check_output_size("JPEG", 5, 65_500)
    with pytest.raises(CannotWrite, match=r"JPEG.*65,500.*choose PNG, or"):
        check_output_size("JPEG", 5, 65_501)
    check_output_size("PNG", 65_536, 5)
    with pytest.raises(CannotWrite, match="each direction: choose a smaller scale"):
        check_output_size("PNG", 2_000_000, 5)
