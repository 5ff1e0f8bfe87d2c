"""Pixel Perfect, the page. `streamlit run app.py` opens it."""

from __future__ import annotations

import secrets
from functools import partial
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile

from srgan.limits import limits
from srgan.naming import INPUT_ENDINGS
from srgan.upscaler import Options
from srgan.web import choices, compare, download, results, server, several, words
from srgan.web.jobs import Job, State
from srgan.web.results import Source
from srgan.web.service import service
from srgan.web.session import Session
from srgan.web.telling import tell_errors
from srgan.web.wanted import Wanted

SAMPLE = Path(__file__).parent / "srgan" / "web" / "cat.png"
UPLOADER = "uploader"  # in the page's address, which outlives the session
STYLE = Path(__file__).parent / "srgan" / "web" / "page.css"


@tell_errors
def main() -> None:
    st.set_page_config(page_title="Pixel Perfect", page_icon="🔎", layout="wide")
    session = st.session_state.setdefault("session", Session())
    header()
    uploads = upload(session)
    session.hold(uploads)
    if len(uploads) > 1 or (uploads and session.batch.items):
        session.hand_over()
        several.pictures(service(), session.batch, uploads)
        return
    session.batch.hold([], limits())
    source = single(session, uploads)
    if source is None:
        return
    pictures, settings = st.columns([7, 3], gap="medium")
    with settings:
        next_step = st.container()  # first on the screen, and first on a phone
        options = choices.pixels(service().upscaler.zoo, [source], session.working)
        wanted = choices.file([source])
    at_once = choices.denoising_was_asked_for()
    result = session.result(source, options)
    with next_step:
        if result is None:
            start(session, source, options, wanted, at_once)
        else:
            download.one(source, options, result, wanted)
            choices.offer_denoising([result])
    with pictures:
        if result is None:
            compare.before(source)
        else:
            compare.before_and_after(source, result)
    one_detail(session, source, options)


def header() -> None:
    st.html(STYLE)
    st.title("Pixel Perfect", anchor=False)
    st.markdown("Your photo, up to four times as wide and four times as high, and cleaner.")


def upload(session: Session) -> list[UploadedFile]:
    """What was dropped, up to the limit."""
    key = "file" + st.query_params.get(UPLOADER, "")
    files = st.file_uploader(
        words.upload_label(limits()),
        type=list(INPUT_ENDINGS),
        accept_multiple_files=True,
        max_upload_size=-(-limits().max_bytes // 1_000_000),  # at least; decoding has the exact one
        key=key,
    )
    if any(isinstance(file, DeletedFile) for file in st.session_state[key]):
        session.lost = True
        st.query_params[UPLOADER] = secrets.token_hex(4)  # another one, which lists nothing
        st.rerun()
    session.lost = session.lost and not files
    if session.lost:
        st.warning(words.LOST)
    if len(files) > limits().max_pictures:
        st.warning(words.too_many(limits()))
    return files[: limits().max_pictures]


def single(session: Session, uploads: list[UploadedFile]) -> Source | None:
    """The picture to work on: the uploaded file, else the sample once it was asked for."""
    if session.source is None and uploads:
        session.open(uploads[0].name, uploads[0].getvalue(), uploads[0].file_id)
    if session.source is None:
        st.image(SAMPLE, alt="A cat", width=256)
        sample = partial(session.open, SAMPLE.name, SAMPLE.read_bytes())
        st.button("Try it with this sample picture", on_click=sample)
    return session.source


@tell_errors
def start(
    session: Session, source: Source, options: Options, wanted: Wanted, at_once: bool
) -> None:
    """The button that sets the networks to work, then the progress, then what went wrong.

    With `at_once` it is as if it was pressed.
    """
    if session.job is not None and session.working:
        progress(session.job)
        return
    size = service().upscaler.output_size(source.size, options)
    if refusal := results.cannot_write(wanted.of(source).format, size):
        st.warning(refusal)
        return
    seconds = service().estimate(source.size, source.layers, options)
    st.markdown(words.expected(size, source.file_size(size, wanted), seconds))
    if st.button("Upscale", type="primary", width="stretch") or at_once:
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
    st.progress(*words.work(job))
    key = f"stop {id(job)}"
    st.button("Stop", key, on_click=job.cancel, disabled=job.stopping, width="stretch")


def how_it_ended(job: Job) -> None:
    if job.state is State.FAILED:
        st.error(words.problem(job.error))
    else:
        st.info("Stopped.")


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
        exception_handlers=server.exception_handlers,
    )
