"""DIV2K, the photographs that super-resolution is trained on (Agustsson & Timofte, "NTIRE 2017
challenge on single image super-resolution: dataset and study", CVPR workshops 2017).
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

HOME = "https://data.vision.ee.ethz.ch/cvl/DIV2K/"
LICENCE = "for academic research only; the photographs belong to those who took them"


@dataclass(frozen=True)
class Archive:
    """One file of the download, with its size in bytes."""

    name: str
    size: int
    sha256: str

    @property
    def url(self) -> str:
        """Where it is."""
        return HOME + self.name

    def is_whole(self, file: Path) -> bool:
        """Whether `file` has this archive's size and hash."""
        if file.stat().st_size != self.size:
            return False
        with open(file, "rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest() == self.sha256


@dataclass(frozen=True)
class Part:
    """One unpacked folder: pictures numbered `first` to `last`, and the archive it comes in.

    `hr` names the folder of the pictures that are four times as large, for low resolution.
    """

    folder: str
    first: int
    last: int
    archive: Archive
    hr: str | None = None

    def names(self) -> list[str]:
        """The file names, as published: 0001.png, or 0001x4.png for low resolution."""
        ending = ".png" if self.hr is None else "x4.png"
        return [f"{number:04d}{ending}" for number in range(self.first, self.last + 1)]


# Sizes and hashes as TensorFlow Datasets has them in datasets/div2k/checksums.tsv.
PARTS = (
    Part(
        "DIV2K_train_HR",
        1,
        800,
        Archive(
            "DIV2K_train_HR.zip",
            3_530_603_713,
            "9d0b9c463f6e35b6c62cc6a930ee2224f670b34c1df841a57670f9acf0f6c335",
        ),
    ),
    Part(
        "DIV2K_valid_HR",
        801,
        900,
        Archive(
            "DIV2K_valid_HR.zip",
            448_993_893,
            "20dd31fd84d777bc1cf5d6b7654a3f569c0aec74458ae094122ad1d0489900fc",
        ),
    ),
    Part(
        "DIV2K_train_LR_bicubic/X4",
        1,
        800,
        Archive(
            "DIV2K_train_LR_bicubic_X4.zip",
            246_914_039,
            "f006b837f4eb52b82909aa01478e6d6d199eefce932179491d0c9dbb706dde3a",
        ),
        hr="DIV2K_train_HR",
    ),
    Part(
        "DIV2K_valid_LR_bicubic/X4",
        801,
        900,
        Archive(
            "DIV2K_valid_LR_bicubic_X4.zip",
            31_505_881,
            "a50a5d1c4b88de4e8d300d8fb2b904c52fe93b2b298a4899697760d7cbb6d553",
        ),
        hr="DIV2K_valid_HR",
    ),
)
