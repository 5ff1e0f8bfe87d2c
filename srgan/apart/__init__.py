"""LiteRT in a process of its own, for a server that has to answer while a network works."""

from srgan.apart.engine import LiteRTApart, make_engine_apart

__all__ = ["LiteRTApart", "make_engine_apart"]
