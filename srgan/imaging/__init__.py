"""Untrusted bytes to `Picture`, and `Picture` to bytes. Pure functions, no state, no files."""

from srgan.imaging.decoding import NO_MEMORY, decode, file_kind
from srgan.imaging.encoding import encode
from srgan.imaging.formats import (
    HEAD_BYTES,
    OUTPUT_FORMATS,
    check_output_size,
    extension,
    output_format_for,
    sniff,
)
from srgan.imaging.opening import opened, output_format_by_header
from srgan.imaging.picture import Picture
from srgan.imaging.resizing import resize

__all__ = [
    "HEAD_BYTES",
    "NO_MEMORY",
    "OUTPUT_FORMATS",
    "Picture",
    "check_output_size",
    "decode",
    "encode",
    "extension",
    "file_kind",
    "opened",
    "output_format_by_header",
    "output_format_for",
    "resize",
    "sniff",
]
