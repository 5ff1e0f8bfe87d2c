"""Decoding and encoding where a codec may crash, hang or eat memory, and costs only one picture."""

from srgan.sandbox.choice import Codecs, sandbox

__all__ = ["Codecs", "sandbox"]
