"""Decoding and encoding where a codec may crash, hang or eat memory, and costs only one picture."""

from srgan.sandbox.pool import Codecs, Sandbox, sandbox

__all__ = ["Codecs", "Sandbox", "sandbox"]
