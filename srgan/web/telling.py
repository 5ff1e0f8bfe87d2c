"""Errors as sentences on the page; no traceback ever reaches a visitor."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import ParamSpec

import streamlit as st

from srgan.errors import SrganError
from srgan.web import words

logger = logging.getLogger(__name__)

P = ParamSpec("P")


def tell_errors(region: Callable[P, None]) -> Callable[P, None]:
    """Draw `region`, or the sentence of the error that it met."""

    @functools.wraps(region)
    def told(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            region(*args, **kwargs)
        except SrganError as error:
            st.error(words.problem(error))
        except Exception as error:
            logger.exception("the page met an error that was not foreseen")
            st.error(words.problem(error))

    return told
