"""The description of the HTTP API for programs, as OpenAPI 3.1."""

from __future__ import annotations

from typing import Any

from srgan.imaging import OUTPUT_FORMATS
from srgan.limits import Limits
from srgan.upscaler import Options
from srgan.web.asked import FIELD
from srgan.zoo import Zoo

Json = dict[str, Any]

SUGGESTED = "Denoise-Suggested"  # a header of results

REFUSALS = {
    400: "An unknown option, a value out of range, or no picture in the request.",
    413: "More bytes or pixels than are read.",
    415: "Not a picture, or of a format that is not read.",
    422: "A broken or animated picture, or a result that the format cannot hold.",
    429: "Too many pictures are waiting or being sent; Retry-After says when to come back.",
    503: "The server is stopping, has not enough memory now, or a network is missing.",
    504: "The picture took too long.",
}


def document(zoo: Zoo, limits: Limits) -> Json:
    """The whole document, for the models of `zoo` and the limits in force."""
    picture = {"type": "string", "format": "binary"}
    form = {"type": "object", "required": [FIELD], "properties": {FIELD: picture}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Pixel Perfect",
            "version": "1",
            "description": "Pictures up to four times as wide and four times as high, and cleaner.",
        },
        "paths": {
            "/v1/upscale": {
                "post": {
                    "summary": "Upscale a picture.",
                    "parameters": _parameters(zoo),
                    "requestBody": {
                        "required": True,
                        "description": "A PNG, JPEG, WebP, HEIC, AVIF, GIF, BMP or TIFF of at most "
                        f"{limits.max_bytes:,} bytes and {limits.max_pixels:,} pixels.",
                        "content": {
                            "application/octet-stream": {"schema": picture},
                            "multipart/form-data": {"schema": form},
                        },
                    },
                    "responses": {
                        "200": {
                            "description": "The result.",
                            "headers": {SUGGESTED: _suggestion()},
                            "content": {f"image/{f.lower()}": {} for f in OUTPUT_FORMATS},
                        },
                        **{str(status): _refusal(said) for status, said in REFUSALS.items()},
                    },
                }
            },
            "/v1/models": _get("The models and what each is for."),
            "/v1/health": {
                "get": {
                    "summary": "Whether the networks are loaded.",
                    "responses": {
                        "200": {"description": "They are."},
                        "503": {"description": "Not yet."},
                    },
                }
            },
            "/v1/openapi.json": _get("This document."),
        },
        "components": {
            "schemas": {
                "Error": {
                    "type": "object",
                    "required": ["error", "message"],
                    "properties": {
                        "error": {"type": "string", "description": "The name of the error."},
                        "message": {"type": "string", "description": "A sentence for people."},
                    },
                }
            }
        },
    }


def _parameters(zoo: Zoo) -> list[Json]:
    default = Options()
    number = {"type": "number", "minimum": 0, "maximum": 1, "default": default.denoise}
    scale = {"type": "number", "minimum": 1, "maximum": 4, "default": default.scale}
    formats = ["same", *(format.lower() for format in OUTPUT_FORMATS)]
    return [
        _option("model", {"enum": zoo.models(), "default": zoo.default}, "See /v1/models."),
        _option("denoise", number, "How much noise is taken away, where there is any; 0 is off."),
        _option("scale", scale, "How many times as wide and as high."),
        _option("width", {"type": "integer", "minimum": 1}, "In pixels, instead of a scale."),
        _option("format", {"enum": formats, "default": "same"}, "Of the result; in any case."),
        _option("quality", {"type": "integer", "minimum": 1, "maximum": 100}, "Of JPEG and WebP."),
    ]


def _option(name: str, schema: Json, description: str) -> Json:
    return {"name": name, "in": "query", "schema": schema, "description": description}


def _suggestion() -> Json:
    said = "Only where the picture's noise or JPEG blocks show in the result and denoise was 0."
    return {"description": said, "schema": {"const": "true"}}


def _refusal(said: str) -> Json:
    schema = {"$ref": "#/components/schemas/Error"}
    return {"description": said, "content": {"application/json": {"schema": schema}}}


def _get(summary: str) -> Json:
    return {"get": {"summary": summary, "responses": {"200": {"description": "It comes as JSON."}}}}
