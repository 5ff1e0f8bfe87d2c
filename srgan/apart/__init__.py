"""LiteRT in a process of its own, for a server that has to answer while a network works."""

from srgan.apart.choice import make_engine_apart

__all__ = ["make_engine_apart"]
