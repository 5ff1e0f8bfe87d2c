"""What a run that was killed has left half written, removed by the next one."""

from pathlib import PurePosixPath

from apache_beam.io.filesystem import BeamIOError, FileMetadata
from apache_beam.io.filesystems import FileSystems

from srgan.scale_out import files
from srgan.scale_out.order import Order


def is_left_over(metadata: FileMetadata, order: Order) -> bool:
    """Whether a file was being written when its writer ended.

    One that was changed since this run began may be another run's, which goes on beside it.
    """
    changed = metadata.last_updated_in_seconds
    half = files.is_half_written(PurePosixPath(metadata.path).name)
    return half and changed is not None and changed < order.started


def remove(metadata: FileMetadata) -> None:
    """Remove it, unless another run was quicker."""
    try:
        FileSystems.delete([metadata.path])
    except BeamIOError:
        if files.exists(metadata.path):
            raise
