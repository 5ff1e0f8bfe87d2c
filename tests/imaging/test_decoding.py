import io
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from srgan.errors import (
    AnimatedPicture,
    BrokenPicture,
    NotAPicture,
    PictureTooLarge,
    UnsupportedFormat,
)
from srgan.imaging import decode
from srgan.limits import Limits
from tests.imaging import corpus, pictures

LIMITS = Limits()
PHOTO = pictures.photo()
GRADIENT = pictures.gradient()


def difference(one, other):
    return int(np.abs(one.astype(int) - other.astype(int)).max())


# Formats


@pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF"])
def test_exact_formats_give_exact_pixels(format):
    picture = decode(pictures.saved(PHOTO, format), LIMITS)
    np.testing.assert_array_equal(picture.rgb, PHOTO)
    assert (picture.format, picture.alpha, picture.gray) == (format, None, False)
    assert picture.size == (48, 32)


def test_a_lossless_webp_gives_exact_pixels():
    picture = decode(pictures.saved(PHOTO, "WEBP", lossless=True), LIMITS)
    np.testing.assert_array_equal(picture.rgb, PHOTO)
    assert picture.format == "WEBP"


def test_jpeg_gives_nearly_the_pixels():
    picture = decode(pictures.saved(PHOTO, "JPEG", quality=100, subsampling=0), LIMITS)
    assert np.abs(picture.rgb.astype(int) - PHOTO).mean() < 1
    assert picture.format == "JPEG"


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_compressed_tiff(compression):
    picture = decode(pictures.saved(PHOTO, "TIFF", compression=compression), LIMITS)
    np.testing.assert_array_equal(picture.rgb, PHOTO)


def test_a_jpeg_of_several_pictures_is_read_as_its_first():
    second = Image.new("RGB", (9, 7))
    data = pictures.saved(PHOTO, "MPO", save_all=True, append_images=[second], quality=95)
    assert Image.open(io.BytesIO(data)).format == "MPO"
    picture = decode(data, LIMITS)
    assert (picture.format, picture.size) == ("JPEG", (48, 32))


def test_what_follows_a_jpeg_is_left_aside():
    data = pictures.saved(PHOTO, "JPEG")
    film = bytes(range(256)) + b"\xff\xda" * 500
    np.testing.assert_array_equal(decode(data + film, LIMITS).rgb, decode(data, LIMITS).rgb)


@pytest.mark.parametrize("interlace", [0, 1])
def test_a_gif_gives_the_pixels_of_its_palette(interlace):
    indexed = Image.fromarray(PHOTO).quantize(200)
    data = pictures.saved(indexed, "GIF", interlace=interlace, comment=b"made in 1996")
    picture = decode(data, LIMITS)
    np.testing.assert_array_equal(picture.rgb, np.asarray(indexed.convert("RGB")))
    assert (picture.format, picture.alpha) == ("GIF", None)


def test_a_gray_gif():
    grays = np.arange(256, dtype=np.uint8).reshape(16, 16)
    picture = decode(pictures.saved(grays, "GIF"), LIMITS)
    np.testing.assert_array_equal(picture.rgb, np.dstack([grays] * 3))
    assert picture.gray


def test_a_colour_of_a_gif_may_be_transparent():
    indexed = Image.fromarray(PHOTO).quantize(16)
    see_through = int(np.asarray(indexed)[5, 5])
    picture = decode(pictures.saved(indexed, "GIF", transparency=see_through), LIMITS)
    expected = np.where(np.asarray(indexed) == see_through, 0, 255)
    np.testing.assert_array_equal(picture.alpha, expected)


def test_what_a_gif_leaves_of_its_screen_is_transparent():
    frame = corpus.gif_frame(1, 1, 2, 3)
    picture = decode(corpus.gif(9, 7, b"!\xf9\4\1\0\0\0\0", frame), LIMITS)
    assert picture.size == (9, 7)
    assert picture.alpha is not None
    assert np.argwhere(picture.alpha).tolist() == [[3, 2]]


@pytest.mark.parametrize("size", [(1, 1), (1, 200), (200, 1)])
@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_thin_pictures(size, format):
    assert decode(pictures.saved(Image.new("RGB", size, "red"), format), LIMITS).size == size


# Kinds of pixels


@pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF"])
def test_gray(format):
    picture = decode(pictures.saved(GRADIENT, format), LIMITS)
    np.testing.assert_array_equal(picture.rgb, np.dstack([GRADIENT] * 3))
    assert picture.gray


def test_gray_jpeg():
    picture = decode(pictures.saved(GRADIENT, "JPEG", quality=95), LIMITS)
    assert picture.gray
    assert difference(picture.rgb[:, :, 0], GRADIENT) <= 4


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_gray_and_alpha(format):
    both = np.dstack([GRADIENT, GRADIENT[::-1, ::-1]])
    picture = decode(pictures.saved(Image.fromarray(both), format), LIMITS)
    np.testing.assert_array_equal(picture.rgb[:, :, 1], both[:, :, 0])
    np.testing.assert_array_equal(picture.alpha, both[:, :, 1])
    assert picture.gray


@pytest.mark.parametrize(
    ("format", "options"), [("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True, "exact": True})]
)
def test_alpha(format, options):
    both = np.dstack([PHOTO, GRADIENT])
    picture = decode(pictures.saved(both, format, **options), LIMITS)
    np.testing.assert_array_equal(picture.rgb, PHOTO)
    np.testing.assert_array_equal(picture.alpha, GRADIENT)


def test_premultiplied_tiff_alpha():
    half = np.full((4, 4, 4), (100, 50, 20, 128), np.uint8)
    data = bytearray(pictures.saved(half, "TIFF"))
    entry = data.index(b"\x52\x01\x03\x00")  # ExtraSamples, one short
    data[entry + 8] = 1
    picture = decode(bytes(data), LIMITS)
    np.testing.assert_array_equal(picture.alpha, 128)
    assert difference(picture.rgb, np.full((4, 4, 3), (199, 100, 40))) <= 1


@pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF"])
def test_palette(format):
    indexed = Image.fromarray(PHOTO).quantize(16)
    picture = decode(pictures.saved(indexed, format), LIMITS)
    np.testing.assert_array_equal(picture.rgb, np.asarray(indexed.convert("RGB")))
    assert picture.alpha is None


@pytest.mark.parametrize("transparency", [3, bytes([255, 0, 128, 7])])
def test_palette_with_transparency(transparency):
    indexed = Image.fromarray(PHOTO).quantize(16)
    indices = np.asarray(indexed)
    picture = decode(pictures.saved(indexed, "PNG", transparency=transparency), LIMITS)
    np.testing.assert_array_equal(picture.rgb, np.asarray(indexed.convert("RGB")))
    table = np.full(256, 255)
    if isinstance(transparency, int):
        table[transparency] = 0
    else:
        table[: len(transparency)] = list(transparency)
    np.testing.assert_array_equal(picture.alpha, table[indices])


@pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF"])
def test_one_bit(format):
    bits = Image.fromarray(GRADIENT).convert("1")
    picture = decode(pictures.saved(bits, format), LIMITS)
    np.testing.assert_array_equal(picture.rgb[:, :, 2], np.asarray(bits) * 255)
    assert picture.gray


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_gray_png_of_every_depth_with_a_transparent_value(depth):
    top = 2**depth - 1
    values = np.arange(min(top + 1, 1024)).reshape(1, -1)
    key = min(values.size, top + 1) // 2
    data = pictures.png(values, depth, 0, tRNS=key.to_bytes(2, "big"))
    picture = decode(data, LIMITS)
    np.testing.assert_array_equal(picture.rgb[0, :, 0], np.rint(values[0] * 255 / top))
    np.testing.assert_array_equal(picture.alpha, np.where(values == key, 0, 255))
    assert picture.gray


@pytest.mark.parametrize("depth", [8, 16])
def test_colour_png_with_a_transparent_value(depth):
    unit = 257 if depth == 16 else 1
    key = np.array([200, 100, 50])
    pixels = np.array([[[200, 100, 50], [200, 100, 51], [0, 0, 0]]])
    data = pictures.png(pixels * unit, depth, 2, tRNS=(key * unit).astype(">u2").tobytes())
    picture = decode(data, LIMITS)
    np.testing.assert_array_equal(picture.rgb, pixels)
    np.testing.assert_array_equal(picture.alpha, [[0, 255, 255]])


def test_16_bits_of_gray_are_scaled_not_clipped():
    deep = np.linspace(0, 65_535, 1024).astype(np.uint16).reshape(16, 64)
    expected = np.rint(deep / 257)
    for format in ("PNG", "TIFF"):
        picture = decode(pictures.saved(deep, format), LIMITS)
        np.testing.assert_array_equal(picture.rgb[:, :, 0], expected)
        assert picture.gray


def test_16_bit_tiff_in_big_endian_order():
    deep = np.linspace(0, 65_535, 64).astype(np.uint16).reshape(8, 8)
    big = Image.frombytes("I;16B", (8, 8), deep.astype(">u2").tobytes())
    picture = decode(pictures.saved(big, "TIFF"), LIMITS)
    np.testing.assert_array_equal(picture.rgb[:, :, 0], np.rint(deep / 257))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("channels", [3, 4])
def test_16_bit_tiff_whose_colours_are_stored_apart(channels, order):
    levels = np.dstack([PHOTO, PHOTO[::-1, :, 0]])[:, :, :channels]
    picture = decode(pictures.planes_apart(levels.astype(np.uint16) * 257, order), LIMITS)
    np.testing.assert_array_equal(picture.rgb, PHOTO)
    assert (picture.alpha is None) == (channels == 3)
    if picture.alpha is not None:
        np.testing.assert_array_equal(picture.alpha, levels[:, :, 3])


def test_tiff_where_0_is_white():
    for pixels, top in ((GRADIENT, 255), (GRADIENT.astype(np.uint16) * 257, 65_535)):
        data = bytearray(pictures.saved(pixels, "TIFF"))
        entry = data.index(b"\x06\x01\x03\x00")  # PhotometricInterpretation, one short
        data[entry + 8] = 0
        picture = decode(bytes(data), LIMITS)
        np.testing.assert_array_equal(
            picture.rgb[:, :, 0], np.rint((top - pixels.astype(int)) * 255 / top)
        )


def test_16_bits_of_gray_and_alpha():
    both = np.dstack([GRADIENT, GRADIENT[:, ::-1]]).astype(np.uint16) * 257
    picture = decode(pictures.png(both, 16, 4), LIMITS)
    np.testing.assert_array_equal(picture.rgb[:, :, 0], GRADIENT)
    np.testing.assert_array_equal(picture.alpha, GRADIENT[:, ::-1])
    assert picture.gray


@pytest.mark.parametrize("ending", [".png", ".tiff"])
def test_16_bits_of_colour_are_scaled_not_clipped(ending):
    deep = np.linspace(0, 65_535, 1024 * 3).astype(np.uint16).reshape(16, 64, 3)
    _, encoded = cv2.imencode(ending, deep[:, :, ::-1])
    assert difference(decode(encoded.tobytes(), LIMITS).rgb, np.rint(deep / 257)) <= 1


def test_cmyk_without_a_profile():
    ink = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    for format in ("JPEG", "TIFF"):
        picture = decode(pictures.saved(ink, format), LIMITS)
        assert difference(picture.rgb, np.full((8, 8, 3), (255, 0, 0))) <= 2


def test_lab_tiff():
    lab = Image.frombytes("LAB", (2, 1), bytes([255, 0, 0, 0, 0, 0]))
    picture = decode(pictures.saved(lab, "TIFF"), LIMITS)
    assert difference(picture.rgb[0], np.array([[255] * 3, [0] * 3])) <= 1


@pytest.mark.parametrize("type_", [np.float32, np.int32])
def test_32_bits_are_refused_with_a_sentence(type_):
    with pytest.raises(UnsupportedFormat, match="8 or 16 bits"):
        decode(pictures.saved(GRADIENT.astype(type_), "TIFF"), LIMITS)


# Colour profiles


def adobe_to_srgb(rgb, gamma=2.2):
    """From the primaries' definition, without a colour engine."""
    to_xyz = np.array(
        [[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]]
    )
    srgb_to_xyz = np.array(
        [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]]
    )
    linear = (rgb / 255) ** gamma @ (np.linalg.inv(srgb_to_xyz) @ to_xyz).T
    linear = linear.clip(0, 1)
    curved = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.rint(curved * 255)


@pytest.mark.parametrize("format", ["PNG", "TIFF", "WEBP"])
def test_a_profile_is_converted_to_srgb(format):
    options = {"lossless": True} if format == "WEBP" else {}
    data = pictures.saved(PHOTO, format, icc_profile=pictures.rgb_profile(), **options)
    assert difference(decode(data, LIMITS).rgb, adobe_to_srgb(PHOTO)) <= 2
    assert difference(PHOTO, adobe_to_srgb(PHOTO)) > 10


def test_a_profile_leaves_alpha_alone():
    both = np.dstack([PHOTO, GRADIENT])
    picture = decode(pictures.saved(both, "PNG", icc_profile=pictures.rgb_profile()), LIMITS)
    assert difference(picture.rgb, adobe_to_srgb(PHOTO)) <= 2
    np.testing.assert_array_equal(picture.alpha, GRADIENT)


def test_the_profile_of_srgb_changes_no_pixel():
    data = pictures.saved(PHOTO, "PNG", icc_profile=pictures.srgb_profile())
    np.testing.assert_array_equal(decode(data, LIMITS).rgb, PHOTO)


def test_a_gray_profile():
    data = pictures.saved(GRADIENT, "PNG", icc_profile=pictures.gray_profile(1.0))
    picture = decode(data, LIMITS)
    linear = GRADIENT / 255
    expected = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    assert difference(picture.rgb, np.rint(np.dstack([expected] * 3) * 255)) <= 1
    assert picture.gray


def test_a_gray_picture_with_a_colour_profile_stays_gray():
    data = pictures.saved(GRADIENT, "PNG", icc_profile=pictures.rgb_profile(gamma=1.0))
    picture = decode(data, LIMITS)
    assert picture.gray
    np.testing.assert_array_equal(picture.rgb[:, :, 0], picture.rgb[:, :, 2])
    assert picture.rgb[0, 24, 0] > GRADIENT[0, 24] + 30


@pytest.mark.parametrize("format", ["JPEG", "TIFF"])
def test_a_cmyk_profile(format):
    ink = Image.fromarray(PHOTO // 2 + 20).convert("CMYK")  # without the paper's white
    data = pictures.saved(ink, format, icc_profile=pictures.cmyk_profile())
    # The profile's press prints the gray of Lab (50, 0, 0), sRGB 119, whatever the inks.
    assert difference(decode(data, LIMITS).rgb, np.full_like(PHOTO, 119)) <= 2


@pytest.mark.parametrize(
    "profile",
    [
        b"no profile",
        pictures.rgb_profile()[:200],
        pictures.gray_profile(2.2),
        pictures.cmyk_profile(),
        pictures.srgb_profile().replace(b"XYZ ", b"ZYX "),
    ],
)
def test_a_profile_that_is_broken_or_unfitting_is_left_aside(profile):
    picture = decode(pictures.saved(PHOTO, "TIFF", icc_profile=profile), LIMITS)
    np.testing.assert_array_equal(picture.rgb, PHOTO)


@pytest.mark.parametrize("format", ["PNG", "TIFF", "WEBP", "JPEG"])
def test_an_oversized_profile_is_left_aside(format):
    options = {"lossless": True} if format == "WEBP" else {}
    data = pictures.saved(PHOTO, format, icc_profile=pictures.rgb_profile(), **options)
    without = pictures.saved(PHOTO, format, **options)
    small = replace(LIMITS, max_profile_bytes=100)
    np.testing.assert_array_equal(decode(data, small).rgb, decode(without, LIMITS).rgb)


@pytest.mark.parametrize("format", ["PNG", "TIFF", "WEBP", "JPEG"])
def test_a_profile_is_used_up_to_the_limit_and_the_picture_read_beyond_it(format):
    options = {"lossless": True} if format == "WEBP" else {}
    profile = pictures.rgb_profile()
    most = LIMITS.max_profile_bytes
    results = [
        decode(pictures.saved(PHOTO, format, icc_profile=icc, **options), LIMITS).rgb
        for icc in (profile, profile.ljust(most, b"\0"), profile.ljust(most + 1, b"\0"))
    ]
    np.testing.assert_array_equal(results[0], results[1])
    without = pictures.saved(PHOTO, format, **options)
    np.testing.assert_array_equal(results[2], decode(without, LIMITS).rgb)
    assert difference(results[0], results[2]) > 10


def test_of_several_profiles_in_a_png_the_first_before_the_pixels_counts():
    plain = pictures.saved(PHOTO, "PNG")
    wide = pictures.png_chunk("iCCP", b"wide\0\0" + zlib.compress(pictures.rgb_profile()))
    linear = pictures.png_chunk("iCCP", b"dark\0\0" + zlib.compress(pictures.rgb_profile(1.0)))
    expected = decode(pictures.saved(PHOTO, "PNG", icc_profile=pictures.rgb_profile()), LIMITS).rgb
    for data in (
        plain[:33] + wide + linear + plain[33:],
        plain[:33] + wide + plain[33:-12] + linear + plain[-12:],
    ):
        np.testing.assert_array_equal(decode(data, LIMITS).rgb, expected)
    late = decode(plain[:-12] + wide + plain[-12:], LIMITS).rgb
    np.testing.assert_array_equal(late, PHOTO)


@pytest.mark.parametrize("content", [b"", b"name", b"name\0", b"name\0\7abc", b"name\0\0abc"])
def test_a_png_with_a_profile_that_cannot_be_unpacked_is_read(content):
    plain = pictures.saved(PHOTO, "PNG")
    data = plain[:33] + pictures.png_chunk("iCCP", content) + plain[33:]
    np.testing.assert_array_equal(decode(data, LIMITS).rgb, PHOTO)


# Orientation


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("format", "options"),
    [
        ("PNG", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("WEBP", {"lossless": True}),
        ("JPEG", {"quality": 95, "subsampling": 0}),
    ],
)
def test_orientation(orientation, format, options):
    both = PHOTO if format == "JPEG" else np.dstack([PHOTO, GRADIENT // 2 + 128])
    data = pictures.saved(both, format, exif=pictures.exif(orientation), **options)
    stored = Image.fromarray(both)
    stored.getexif()[0x0112] = orientation
    expected = np.asarray(ImageOps.exif_transpose(stored))
    picture = decode(data, LIMITS)
    assert difference(picture.rgb, expected[:, :, :3]) <= (40 if format == "JPEG" else 0)
    if format != "JPEG":
        np.testing.assert_array_equal(picture.alpha, expected[:, :, 3])
    assert picture.rgb.flags.c_contiguous


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_xmp_data_alone_turn_nothing_as_in_browsers(format):
    xmp = b'<rdf:Description tiff:Orientation="6"/>'
    named = PngInfo()
    named.add_itxt("XML:com.adobe.xmp", xmp.decode())
    options: dict[str, dict] = {"PNG": {"pnginfo": named}, "TIFF": {"tiffinfo": {700: xmp}}}
    data = pictures.saved(PHOTO, format, **options.get(format, {"xmp": xmp}))
    with Image.open(io.BytesIO(data)) as image:
        assert image.getexif()[0x0112] == 6, "Pillow is deceived"
    assert decode(data, LIMITS).size == (PHOTO.shape[1], PHOTO.shape[0])


@pytest.mark.parametrize("value", [0, 9, 65_535])
def test_an_orientation_that_makes_no_sense_is_upright(value):
    data = pictures.saved(PHOTO, "PNG", exif=pictures.exif(value))
    np.testing.assert_array_equal(decode(data, LIMITS).rgb, PHOTO)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    "broken",
    [
        b"Exif\0\0",
        b"Exif\0\0garbage",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0II*\0\x08\0\0\0\x05\0\x12\x01\x03",
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x02\0\x05\0\0\0\xff\xff\0\0",
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\0\0\0\0\0\0\0\0",
    ],
)
def test_broken_exif_does_not_cost_the_picture(format, broken):
    plain = decode(pictures.saved(PHOTO, format), LIMITS)
    picture = decode(pictures.saved(PHOTO, format, exif=broken), LIMITS)
    np.testing.assert_array_equal(picture.rgb, plain.rgb)


# Limits


def test_bytes_are_limited():
    data = pictures.saved(PHOTO, "PNG")
    assert decode(data, replace(LIMITS, max_bytes=len(data)))
    with pytest.raises(PictureTooLarge, match="MB"):
        decode(data, replace(LIMITS, max_bytes=len(data) - 1))


def test_pixels_are_limited_before_they_are_decoded():
    header = pictures.png(np.zeros((1, 1)), 8, 0)[8:33]
    giant = header[:8] + (20_000).to_bytes(4, "big") * 2 + header[16:21]
    data = b"\x89PNG\r\n\x1a\n" + giant + pictures.png_chunk("IHDR", giant[8:])[-4:]
    data += pictures.png_chunk("IDAT", b"no pixels at all")
    with pytest.raises(PictureTooLarge, match="pixels"):
        decode(data, LIMITS)


def test_pixels_are_limited():
    data = pictures.saved(PHOTO, "PNG")
    assert decode(data, replace(LIMITS, max_pixels=48 * 32))
    with pytest.raises(PictureTooLarge, match=r"48 × 32 pixels .*megapixels"):
        decode(data, replace(LIMITS, max_pixels=48 * 32 - 1))


def test_the_longest_side_is_limited():
    data = pictures.saved(PHOTO, "PNG")
    assert decode(data, replace(LIMITS, max_side=48))
    with pytest.raises(PictureTooLarge, match="47 are read along one side"):
        decode(data, replace(LIMITS, max_side=47))


def test_passes_of_a_jpeg_are_limited():
    data = pictures.saved(PHOTO, "JPEG", progressive=True)
    last = data[data.rindex(b"\xff\xda") : -2]
    many = data[:-2] + last * 200 + data[-2:]
    assert decode(data, LIMITS)
    with pytest.raises(UnsupportedFormat, match="passes"):
        decode(many, LIMITS)


# What is refused


def still_and_moved():
    return Image.fromarray(PHOTO), [Image.fromarray(PHOTO[::-1])]


@pytest.mark.parametrize("format", ["PNG", "WEBP", "GIF"])
def test_animated_pictures_are_refused(format):
    first, more = still_and_moved()
    with pytest.raises(AnimatedPicture, match="animated"):
        decode(pictures.saved(first, format, save_all=True, append_images=more), LIMITS)


def test_several_pages_are_refused():
    first, more = still_and_moved()
    with pytest.raises(AnimatedPicture, match="pages"):
        decode(pictures.saved(first, "TIFF", save_all=True, append_images=more), LIMITS)


def test_a_tiff_with_its_thumbnail_is_one_picture():
    thumbnail = Image.fromarray(PHOTO[::4, ::4])
    thumbnail.encoderinfo = {"tiffinfo": {254: 1}}
    data = pictures.saved(PHOTO, "TIFF", save_all=True, append_images=[thumbnail])
    np.testing.assert_array_equal(decode(data, LIMITS).rgb, PHOTO)


def test_the_preview_in_a_raw_file_is_not_taken_for_the_picture():
    with pytest.raises(UnsupportedFormat, match="raw"):
        decode(pictures.saved(PHOTO, "TIFF", tiffinfo={254: 1}), LIMITS)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\0\0\0\x0cJXL " + bytes(20), "JPEG XL"),
        (b"\0\0\0\x18ftypmif1" + bytes(20), "HEIF"),
        (b"8BPS" + bytes(20), "Photoshop"),
        (b"%PDF-1.7" + bytes(20), "PDF"),
        (b"<svg xmlns=''/>", "SVG"),
    ],
)
def test_other_formats_are_named(data, name):
    with pytest.raises(UnsupportedFormat, match=f"{name}.*PNG, JPEG, WebP"):
        decode(data, LIMITS)


@pytest.mark.parametrize(
    "data", [b"", b"\0", b"hello", b"<html></html>", b"\0\0\0\x18ftypmp42", bytes(1000)]
)
def test_what_is_no_picture(data):
    with pytest.raises(NotAPicture, match="PNG, JPEG, WebP, HEIC, AVIF, GIF, BMP or TIFF"):
        decode(data, LIMITS)


@pytest.mark.parametrize("magic", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"BM", b"II*\0"])
def test_a_beginning_is_not_enough(magic):
    with pytest.raises(BrokenPicture, match="broken"):
        decode(magic + b"and then something else entirely", LIMITS)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_half_a_picture_is_broken(format, part):
    data = pictures.saved(pictures.photo(200, 150), format)
    with pytest.raises(BrokenPicture, match="broken"):
        decode(data[: int(len(data) * part)], LIMITS)


# The surroundings


def test_the_filters_of_warnings_are_as_before_also_with_many_threads():
    data = [pictures.saved(PHOTO, "PNG"), pictures.saved(PHOTO, "TIFF"), b"BM nothing"] * 20

    def attempt(one):
        try:
            return decode(one, LIMITS).size
        except BrokenPicture:
            return None

    before = list(warnings.filters)
    with ThreadPoolExecutor(8) as threads:
        sizes = list(threads.map(attempt, data))
    assert sizes == [(48, 32), (48, 32), None] * 20
    assert list(warnings.filters) == before


def test_the_guard_of_pillow_stays():
    decode(pictures.saved(PHOTO, "PNG"), LIMITS)
    assert Image.MAX_IMAGE_PIXELS == 89_478_485
