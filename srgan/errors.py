"""The errors a user can meet. `str(error)` is a sentence for that user."""


class SrganError(Exception):
    """Any of the errors below; its text is a sentence that tells a person what to do."""


class NotAPicture(SrganError):
    """The bytes are no picture at all."""


class BrokenPicture(SrganError):
    """The bytes start as a picture and cannot be read to the end."""


class PictureTooLarge(SrganError):
    """More bytes, pixels or length than `srgan.limits` allows."""


class AnimatedPicture(SrganError):
    """More than one frame or page."""


class UnsupportedFormat(SrganError):
    """A picture, but of a format or of a kind of pixels that is not read."""


class CannotWrite(SrganError):
    """The result does not fit into the wanted format, or cannot be written where it should go."""


class BadOption(SrganError):
    """An option, argument or setting with a value that makes no sense."""


class NotEnoughMemory(SrganError):
    """Even a small part of the picture does not fit into the memory that is free."""


class Cancelled(SrganError):
    """The work was stopped on request."""


class NetworkUnavailable(SrganError):
    """A network's file is missing, damaged, or not the one the manifest names."""


class CodecUnavailable(SrganError):
    """The process that reads and writes pictures cannot be started."""


class WorkerLost(SrganError):
    """The process that worked on a picture was ended from outside."""
