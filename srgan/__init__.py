"""Pixel Perfect: photographs four times as wide and four times as high.

from srgan import Options, Upscaler

result = Upscaler().upscale("photo.jpg", Options(denoise=0.5))
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from srgan.upscaler import Options, Upscaler

__all__ = ["Options", "Upscaler", "models"]


def models() -> list[str]:
    """The names of the models that `Options.model` can take."""
    from srgan.zoo import load_zoo

    return load_zoo().models()


def __getattr__(name: str) -> Any:
    # lazily, so that `import srgan` costs next to nothing
    if name in ("Options", "Upscaler"):
        from srgan import upscaler

        return getattr(upscaler, name)
    raise AttributeError(f"module 'srgan' has no attribute {name!r}")
