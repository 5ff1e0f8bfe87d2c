"""Pixel Perfect, the page. `streamlit run app.py` opens it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from srgan.limits import limits
from srgan.upscaler import Options
from srgan.web import choices, compare, results, server, words
from srgan.web.jobs import Job, State
from srgan.web.results import Result, Source
from srgan.web.service import service
from srgan.web.session import Session
from srgan.web.telling import tell_errors

SAMPLE = Path(__file__).parent / "srgan" / "web" / "cat.png"
UPLOADS = ["png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff"]
STYLE = Path(__file__).parent / "srgan" / "web" / "page.css"


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
        options = choices.pixels(service().upscaler.zoo, source, session.working)
        file = choices.file(source)
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
        one_detail(session, source, options)


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


@tell_errors
def start(
    session: Session, source: Source, options: Options, format: str, quality: int | None
) -> None:
    """The button that sets the networks to work, then the progress, then what went wrong."""
    if session.job is not None and session.working:
        progress(session.job)
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
def progress(job: Job) -> None:
    """The place in line, then the tiles; when the job is over, the whole page anew."""
    if job.over:
        st.rerun()
    job.touch()
    if job.place:
        st.progress(0.0, words.waiting(job.place))
    else:
        st.progress(*words.progress(job.progress))
    st.button("Stop", on_click=job.cancel, width="stretch", key=f"stop {id(job)}")


def how_it_ended(job: Job) -> None:
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
        **choices.IN_ADDRESS,
    )
    show = compare.slider if view == "Slider" else compare.side_by_side
    show(source, result)
    st.markdown(words.became(source.size, result.size, result.seconds))
    st.caption(words.ESTIMATED)


@tell_errors
def one_detail(session: Session, source: Source, options: Options) -> None:
    """On request, the same detail from every model, beside what no network has touched."""
    with st.expander("Compare the models on one detail"):
        left, right = st.columns(2)
        spot = (
            left.slider("From the left, in per cent", 0, 100, 50),
            right.slider("From the top, in per cent", 0, 100, 50),
        )
        job = session.comparison
        if job is not None and not job.over:
            progress(job)
        elif st.button("Compare"):
            session.compare(service(), source, spot, options.denoise)
            st.rerun()
        elif job is not None and job.state is State.DONE:
            compare.details(job.result())
            st.caption(words.ESTIMATED)
        elif job is not None:
            how_it_ended(job)


if __name__ == "__main__":  # Streamlit runs this file for every visitor …
    main()
else:  # … and imports it once, to serve it
    app = st.App(
        __file__,
        routes=server.routes,
        middleware=server.middleware,
        lifespan=server.lifespan,
    )
