"""What a request to the HTTP API asks for: options from its query, the picture from its body."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import QueryParams, UploadFile
from starlette.requests import Request
from starlette.types import Message

from srgan.errors import BadOption, PictureTooLarge
from srgan.imaging.formats import output_format
from srgan.upscaler import Options
from srgan.zoo import Zoo

FIELD = "file"
NAMES = ("model", "denoise", "scale", "width", "format", "quality")
FRAMING_BYTES = 64 * 1024  # what a form may have around the picture


@dataclass(frozen=True)
class Asked:
    """`format` is "PNG", "JPEG", "WEBP", or None for that of the picture."""

    options: Options
    format: str | None
    quality: int | None

    @classmethod
    def read(cls, query: QueryParams, zoo: Zoo) -> Asked:
        """Raises BadOption for an unknown or repeated name and for a value that makes no sense."""
        for name in query:
            if name not in NAMES:
                raise BadOption(f"There is no option {name!r}. There are: {', '.join(NAMES)}.")
            if len(query.getlist(name)) > 1:
                raise BadOption(f"The option {name} is there more than once.")
        if "scale" in query and "width" in query:
            raise BadOption("Please give a scale or a width, not both.")
        default = Options()
        options = Options(
            model=zoo.model(query.get("model", zoo.default)).name,
            denoise=_number(query, "denoise", default.denoise),
            scale=_number(query, "scale", default.scale),
            width=_whole(query, "width"),
        )
        format = query.get("format", "same")
        quality = _whole(query, "quality")
        if quality is not None and not 1 <= quality <= 100:
            raise BadOption(f"The quality can be from 1 to 100, not {quality}.")
        return cls(options, None if format == "same" else output_format(format), quality)


async def picture_in(request: Request, max_bytes: int) -> bytes:
    """The picture: the body itself, or the form field `file`.

    Reading ends with the first byte that is too much. Raises PictureTooLarge, BadOption for a body
    without a picture or with options beside it, starlette's HTTPException for a broken form and
    ClientDisconnect.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        data = await _limited(request, max_bytes).body()
    else:
        form = _limited(request, max_bytes + FRAMING_BYTES)
        async with form.form(max_files=1, max_fields=len(NAMES)) as fields:
            file = fields.get(FIELD)
            if not isinstance(file, UploadFile):
                raise BadOption(f"The form has no file in a field called {FIELD!r}.")
            for name in fields:
                if name != FIELD:
                    raise BadOption(
                        f"The form has a field {name!r} beside the picture. Please put options "
                        "into the address instead, as in /v1/upscale?denoise=1."
                    )
            data = await file.read()
    if not data:
        raise BadOption("There is no picture in the request: send it as the body, or in a form.")
    return data


def _limited(request: Request, most: int) -> Request:
    """The same request, which ends in PictureTooLarge after `most` bytes of body."""
    too_large = PictureTooLarge(
        f"The request has more than {most / 1e6:,.4g} MB, which is the most that is read. "
        "Please make the picture smaller, or save it as JPEG or WebP."
    )
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most:
        raise too_large
    left = most

    async def receive() -> Message:
        nonlocal left
        message = await request.receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise too_large
        return message

    return Request(request.scope, receive)


def _number(query: QueryParams, name: str, default: float) -> float:
    try:
        return float(query.get(name, default))
    except ValueError as error:
        raise BadOption(f"The option {name} must be a number, not {query[name]!r}.") from error


def _whole(query: QueryParams, name: str) -> int | None:
    try:
        return int(query[name]) if name in query else None
    except ValueError as error:
        raise BadOption(
            f"The option {name} must be a whole number, not {query[name]!r}."
        ) from error
