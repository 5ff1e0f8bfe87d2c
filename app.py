"""Pixel Perfect, the page. `streamlit run app.py` opens it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from srgan.imaging import output_format_for
from srgan.limits import limits
from srgan.upscaler import Options
from srgan.web import compare, results, server, words
from srgan.web.jobs import Job, State
from srgan.web.results import Result, Source
from srgan.web.service import service
from srgan.web.session import Session
from srgan.web.telling import tell_errors

SAMPLE = Path(__file__).parent / "srgan" / "web" / "cat.png"
UPLOADS = ["png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff"]
FORMATS = {"same": "Same as the original", "PNG": "PNG", "JPEG": "JPEG", "WEBP": "WebP"}
WIDTH = "Width"
STYLE = Path(__file__).parent / "srgan" / "web" / "page.css"

# A widget of this kind keeps its value in the page's address.
IN_ADDRESS: dict[str, Any] = {"bind": "query-params"}


@tell_errors
def main() -> None:
    st.set_page_config(page_title="Pixel Perfect", page_icon="🔎", layout="wide")
    session = st.session_state.setdefault("session", Session())
    header()
    source = upload(session)
    if source is None:
        return
    pictures, settings = st.columns([7, 3], gap="medium")
    with settings:
        options = choices(session, source)
        file = file_choices(source)
        result = session.result(source, options)
        if result is None:
            start(session, source, options, *file)
        else:
            download(source, options, result, *file)
    with pictures:
        if result is None:
            before(source)
        else:
            before_and_after(source, result)


def header() -> None:
    st.html(STYLE)
    st.title("Pixel Perfect", anchor=False)
    st.markdown("Your photo, up to four times as wide and four times as high, and cleaner.")


def upload(session: Session) -> Source | None:
    """The picture to work on: the uploaded file, else the sample once it was asked for."""
    file = st.file_uploader(
        words.upload_label(limits()),
        type=UPLOADS,
        max_upload_size=limits().max_bytes // 1_000_000,
        on_change=session.forget,
        key="file",
    )
    if session.source is None and file is not None:
        session.open(file.name, file.getvalue())
    if session.source is None:
        st.image(SAMPLE, alt="A cat", width=256)
        sample = partial(session.open, SAMPLE.name, SAMPLE.read_bytes())
        st.button("Try it with this sample picture", on_click=sample)
    return session.source


def choices(session: Session, source: Source) -> Options:
    """What decides the pixels. Fixed while a job is under way."""
    zoo = service().upscaler.zoo
    names = zoo.models()
    common = {**IN_ADDRESS, "disabled": session.working}
    model = st.radio(
        "Model",
        names,
        index=names.index(zoo.default),
        format_func=words.model_name,
        captions=[words.sentence(zoo.model(name).summary) for name in names],
        key="model",
        **common,
    )
    denoise = st.slider(
        "Denoise, 0 for off",
        0.0,
        1.0,
        Options().denoise,
        0.05,
        help="Takes away noise and the blocks and rims of JPEG.",
        key="denoise",
        **common,
    )
    sizes = ["2x", "3x", "4x", WIDTH]
    size = st.segmented_control(
        "Output size", sizes, default="4x", required=True, key="size", **common
    )
    if size != WIDTH:
        return Options(model=model, denoise=denoise, scale=int(size[0]))
    widest = 4 * source.size[0]
    width = st.number_input("Width in pixels", 1, widest, widest // 2, key="width", **common)
    return Options(model=model, denoise=denoise, width=width)


def file_choices(source: Source) -> tuple[str, int | None]:
    """Format and quality. They never run a network: a kept result is encoded anew."""
    choice = st.selectbox(
        "Format", list(FORMATS), format_func=FORMATS.__getitem__, key="format", **IN_ADDRESS
    )
    format = output_format_for(source.format) if choice == "same" else choice
    if format == "PNG":
        return format, None
    return format, st.slider("Quality", 1, 100, 90, key="quality", **IN_ADDRESS)


@tell_errors
def start(
    session: Session, source: Source, options: Options, format: str, quality: int | None
) -> None:
    """The button that sets the networks to work, then the progress, then what went wrong."""
    if session.working:
        progress(session)
        return
    size = service().upscaler.output_size(source.size, options)
    if refusal := results.cannot_write(format, size):
        st.warning(refusal)
        return
    seconds = service().estimate(source.size, source.layers, options)
    st.markdown(words.expected(size, source.file_size(size, format, quality), seconds))
    if st.button("Upscale", type="primary", width="stretch"):
        session.start(service(), source, options)
        st.rerun()
    elif session.job is not None:
        how_it_ended(session.job)


@st.fragment(run_every=0.5)
@tell_errors
def progress(session: Session) -> None:
    """The place in line, then the tiles; when the job is over, the whole page anew."""
    job = session.job
    if job is None or job.over:
        st.rerun()
    job.touch()
    if job.place:
        st.progress(0.0, words.waiting(job.place))
    else:
        st.progress(*words.progress(job.progress))
    st.button("Stop", on_click=session.stop, width="stretch")


def how_it_ended(job: Job[Result]) -> None:
    if job.state is State.FAILED:
        st.error(words.problem(job.error))
    else:
        st.info("Stopped.")


@tell_errors
def download(
    source: Source, options: Options, result: Result, format: str, quality: int | None
) -> None:
    if refusal := results.cannot_write(format, result.size):
        st.warning(refusal)
        return
    st.download_button(
        "Download",
        partial(result.encoded, format, quality),
        results.download_name(source, options, result.size, format),
        f"image/{format.lower()}",
        on_click="ignore",
        type="primary",
        width="stretch",
        icon=":material/download:",
    )


def before(source: Source) -> None:
    compare.alone(source)
    st.caption(f"{source.name}, {words.pixels(source.size)}")


@tell_errors
def before_and_after(source: Source, result: Result) -> None:
    view = st.segmented_control(
        "View",
        ["Slider", "Side by side"],
        default="Slider",
        required=True,
        label_visibility="collapsed",
        key="view",
        **IN_ADDRESS,
    )
    show = compare.slider if view == "Slider" else compare.side_by_side
    show(source, result)
    st.markdown(words.became(source.size, result.size, result.seconds))
    st.caption(words.ESTIMATED)


if __name__ == "__main__":  # Streamlit runs this file for every visitor …
    main()
else:  # … and imports it once, to serve it
    app = st.App(
        __file__,
        routes=server.routes,
        middleware=server.middleware,
        lifespan=server.lifespan,
    )
