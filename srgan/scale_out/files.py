"""Beam's file systems, local folders and buckets alike: read, write whole or not at all."""

import hashlib
import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO

from apache_beam.io.filesystem import BeamIOError, CompressionTypes
from apache_beam.io.filesystems import FileSystems

from srgan.errors import BrokenPicture, CannotWrite
from srgan.imaging import HEAD_BYTES, sniff

_AS_IT_IS = CompressionTypes.UNCOMPRESSED
_CHUNK = 1 << 24
_BESIDE, _ENDING = ".srgan-", ".part"


def open_to_read(address: str) -> IO[bytes]:
    """A seekable file, which its caller closes. Raises BrokenPicture."""
    try:
        return FileSystems.open(address, compression_type=_AS_IT_IS)
    except (BeamIOError, OSError) as error:
        raise BrokenPicture(f"The file cannot be read: {error}.") from error


def read(address: str, at_most: int) -> bytes:
    """The bytes of a file, at most one more than `at_most`. Raises BrokenPicture."""
    with open_to_read(address) as file:
        try:
            return bytes(file.read(at_most + 1))
        except (BeamIOError, OSError) as error:
            raise BrokenPicture(f"The file cannot be read: {error}.") from error


def address_of(folder: str, place: PurePosixPath) -> str:
    return FileSystems.join(folder, *place.parts)


def write(address: str, chunks: Iterable[bytes]) -> int:
    """Put chunks of bytes into a file beside its place, and rename it; gives the bytes written.

    Whoever sees the file sees it whole. A second writer puts the same in its place. Raises
    CannotWrite.
    """
    folder = FileSystems.split(address)[0]
    beside = FileSystems.join(folder, _name_beside())
    written = 0
    try:
        make_folder(folder)
        try:
            with FileSystems.create(beside, compression_type=_AS_IT_IS) as file:
                for chunk in chunks:
                    file.write(chunk)
                    written += len(chunk)
            FileSystems.rename([beside], [address])
        except BaseException:
            remove([beside])
            raise
    except (BeamIOError, OSError) as error:
        raise CannotWrite(f"{address} cannot be written: {error}.") from error
    return written


def is_half_written(name: str) -> bool:
    """Whether a file's name is one that files have while they are written."""
    return name.startswith(_BESIDE) and name.endswith(_ENDING)


def _name_beside() -> str:
    return f"{_BESIDE}{secrets.token_hex(8)}{_ENDING}"


@contextmanager
def draft(address: str) -> Iterator[Path]:
    """A path on this machine for a file that needs to be written out of order; it goes to
    `address`, whole, when the block ends well. Raises CannotWrite."""
    try:
        if is_local(address):
            target = Path(address)
            make_folder(str(target.parent))
            beside = target.with_name(_name_beside())
            try:
                yield beside
                os.replace(beside, target)
            finally:
                beside.unlink(missing_ok=True)
        else:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "draft")
                yield path
                write(address, _chunks(str(path)))
    except OSError as error:
        raise CannotWrite(f"{address} cannot be written: {error}.") from error


def digest(address: str) -> str:
    """A file's SHA-256 in hexadecimal digits, read piece by piece. Raises BrokenPicture."""
    total = hashlib.sha256()
    for chunk in _chunks(address):
        total.update(chunk)
    return total.hexdigest()


def _chunks(address: str) -> Iterator[bytes]:
    with open_to_read(address) as file:
        try:
            while chunk := file.read(_CHUNK):
                yield chunk
        except (BeamIOError, OSError) as error:
            raise BrokenPicture(f"The file cannot be read: {error}.") from error


def size_of(address: str) -> int:
    """In bytes."""
    return int(FileSystems.get_filesystem(address).size(address))


def is_utf8(address: str) -> bool:
    """Whether Beam can pass an address on, and a list hold it: local names may be any bytes."""
    try:
        address.encode()
    except UnicodeEncodeError:
        return False
    return True


def exists(address: str) -> bool:
    return bool(FileSystems.exists(address))


def make_folder(folder: str) -> None:
    """Make a folder where the file system has such a thing."""
    if not FileSystems.exists(folder):
        try:
            FileSystems.mkdirs(folder)
        except (BeamIOError, OSError):
            if not FileSystems.exists(folder):  # somebody else was quicker
                raise


def remove(addresses: list[str]) -> None:
    """Remove the files that exist."""
    there = [address for address in addresses if FileSystems.exists(address)]
    if there:
        FileSystems.delete(there)


def remove_if_empty(folder: str) -> None:
    """Remove a folder with nothing in it, where the file system has such a thing."""
    if is_local(folder):
        with suppress(OSError):
            Path(folder).rmdir()


def is_local(address: str) -> bool:
    return FileSystems.get_scheme(address) is None


def sniffed(address: str) -> str | None:
    """The format that a file's first bytes announce; None also where they cannot be read."""
    try:
        return sniff(read(address, HEAD_BYTES - 1))
    except BrokenPicture:
        return None
