"""Untrusted bytes to `Picture`, and `Picture` to bytes. Pure functions, no state, no files."""

from srgan.imaging.decoding import decode
from srgan.imaging.encoding import encode
from srgan.imaging.formats import (
    OUTPUT_FORMATS,
    check_output_size,
    extension,
    output_format_for,
    sniff,
)
from srgan.imaging.picture import Picture
from srgan.imaging.resizing import resize

__all__ = [
    "OUTPUT_FORMATS",
    "Picture",
    "check_output_size",
    "decode",
    "encode",
    "extension",
    "output_format_for",
    "resize",
    "sniff",
]
