"""The page, driven by Streamlit's own test runner, with an upscaler that only enlarges."""

import io
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.testing.v1 import AppTest

import srgan.limits
import srgan.web.service
from srgan.errors import BrokenPicture
from srgan.limits import Limits
from srgan.upscaler import Upscaler
from srgan.web import handout, words
from srgan.web.jobs import JobQueue
from srgan.web.service import Service
from srgan.web.wanted import Wanted
from tests.fakes import SOON, FakeUpscaler

APP = Path(__file__).parents[1] / "app.py"
MODELS = ["faithful", "faithful-fast", "detailed", "detailed-fast"]


@pytest.fixture
def service(monkeypatch):
    upscaler: Any = FakeUpscaler(*MODELS)
    service = Service(upscaler, JobQueue(workers=1, capacity=1))
    monkeypatch.setattr(srgan.web.service, "service", lambda: service)
    yield service
    upscaler.go.set()
    service.queue.close()


@pytest.fixture
def downloads(monkeypatch):
    """What the page last offered as a file."""
    given: dict[str, Any] = {}
    address = handout.address

    def offered(result, name, wanted):
        given.update(data=partial(result.encoded, wanted), name=name)
        return address(result, name, wanted)

    monkeypatch.setattr(handout, "address", offered)
    return given


@pytest.fixture
def page(service):
    at = AppTest.from_file(str(APP), default_timeout=30)
    at.run()
    return at


def picture(format="JPEG", size=(12, 9), **options):
    out = io.BytesIO()
    ramp = np.linspace(0, 255, size[0] * size[1] * 3).reshape(size[1], size[0], 3)
    Image.fromarray(ramp.astype(np.uint8)).save(out, format, **options)
    return out.getvalue()


def upload(page, data=None, name="photo.jpg"):
    page.file_uploader[0].set_value([(name, data or picture(), "image/jpeg")])
    return page.run()


def button(page, label):
    return next(button for button in page.button if button.label == label)


def press_upscale(page):
    return button(page, "Upscale").click().run()


def finish(page):
    job = page.session_state["session"].job
    if job is not None:  # else it was over within the run that began it
        assert job.wait(SOON)
    return page.run()


def upscaled(page):
    return finish(press_upscale(upload(page)))


def texts(page):
    parts = [*page.markdown, *page.caption, *page.text, *page.error, *page.info, *page.warning]
    return "\n".join(part.value for part in parts)


def test_the_first_sight_is_a_title_an_upload_and_a_sample(page):
    assert page.title[0].value == "Pixel Perfect"
    assert "16.8 megapixels" in page.file_uploader[0].label
    assert [button.label for button in page.button] == ["Try it with this sample picture"]
    assert not page.radio
    assert not page.exception


@pytest.mark.parametrize(("max_bytes", "shown"), [(1, 1), (1_500_000, 2), (30_000_000, 30)])
def test_the_browser_refuses_no_file_that_is_within_the_limit(page, monkeypatch, max_bytes, shown):
    monkeypatch.setattr(srgan.limits, "limits", lambda: Limits(max_bytes=max_bytes))
    page.run()
    assert not page.exception
    assert page.file_uploader[0].proto.max_upload_size_mb == shown


def test_an_upload_shows_its_size_and_that_of_the_result_and_runs_nothing(page, service):
    upload(page)
    assert "photo.jpg, 12 × 9 pixels" in texts(page)
    assert "48 × 36 pixels" in texts(page)
    assert service.runs == 0


def test_a_file_name_is_shown_as_it_is(page):
    name = "__cover__ $5--$6 :smile: [x](y) www.example.com.jpg"
    upload(page, name=name)
    assert page.text[0].value == f"{name}, 12 × 9 pixels"


def test_size_and_file_are_estimated_first_and_time_once_it_has_been_measured(page, service):
    upload(page)
    assert "**48 × 36 pixels**, about 2 kB." in texts(page)
    finish(press_upscale(page))
    upload(page, picture(size=(13, 9)))
    assert "in about a second." in texts(page)


def test_the_result_is_four_times_as_wide_and_high_under_a_name_made_from_the_original(
    page, downloads
):
    upscaled(page)
    assert downloads["name"] == "photo-4x.jpg"
    with Image.open(io.BytesIO(downloads["data"]())) as result:
        assert (result.format, result.size) == ("JPEG", (48, 36))
    assert "**12 × 9 pixels** became **48 × 36 pixels**" in texts(page)
    assert words.ESTIMATED in texts(page)
    assert not page.exception


def test_format_quality_and_view_never_run_the_networks_again(page, service, downloads):
    upscaled(page)
    sizes = []
    for quality in (95, 20):
        page.slider(key="quality").set_value(quality).run()
        sizes.append(len(downloads["data"]()))
    assert sizes[0] > sizes[1]
    for format in ("PNG", "WEBP"):
        page.selectbox(key="format").select(format).run()
        with Image.open(io.BytesIO(downloads["data"]())) as result:
            assert (result.format, result.size) == (format, (48, 36))
    assert downloads["name"] == "photo-4x.webp"
    page.segmented_control(key="view").set_value("Side by side").run()
    assert service.runs == 1
    assert not page.exception


def test_a_control_that_changes_the_pixels_asks_first_and_an_old_result_is_kept(page, service):
    upscaled(page)
    default = page.slider(key="denoise").value
    page.slider(key="denoise").set_value(0.75).run()
    assert service.runs == 1
    finish(press_upscale(page))
    assert service.runs == 2
    page.slider(key="denoise").set_value(default).run()
    assert "became" in texts(page)
    assert service.runs == 2


def test_a_noisy_picture_is_told_of_and_denoised_on_request(page, service):
    service.upscaler.noisy = True
    page = upscaled(page)
    assert words.noisy(1, 1) in texts(page)
    page = finish(button(page, "Denoise").click().run())
    assert page.slider(key="denoise").value == 1
    assert service.runs == 2
    assert service.upscaler.latest.denoise == 1
    assert words.noisy(1, 1) not in texts(page)
    page.slider(key="denoise").set_value(0).run()
    page = button(page, "Denoise").click().run()
    assert page.slider(key="denoise").value == 1
    page.slider(key="denoise").set_value(0.5).run()
    assert service.runs == 2, "what was made is kept, and what else is chosen is asked for"


@pytest.mark.parametrize(("size", "pixels"), [("2x", "24 × 18"), ("3x", "36 × 27")])
def test_smaller_scales(page, downloads, size, pixels):
    upload(page)
    page.segmented_control(key="size").set_value(size).run()
    assert pixels in texts(page)
    finish(press_upscale(page))
    assert downloads["name"] == f"photo-{size}.jpg"


def test_a_width_in_pixels(page, downloads):
    upload(page)
    page.segmented_control(key="size").set_value("Width").run()
    assert page.number_input(key="width").label == "Width in pixels, up to 48"
    page.number_input(key="width").set_value(40).run()
    finish(press_upscale(page))
    assert downloads["name"] == "photo-40px.jpg"
    with Image.open(io.BytesIO(downloads["data"]())) as result:
        assert result.size == (40, 30)


def test_the_sample_needs_no_file(page, downloads):
    button(page, "Try it with this sample picture").click().run()
    finish(press_upscale(page))
    assert downloads["name"] == "cat-4x.png"


def test_one_family_of_models_and_the_better_one_of_it_where_there_is_one(page, service):
    upload(page)
    assert page.radio(key="model").options == ["Faithful", "Detailed"]
    chosen = []
    for family, best in (("faithful", False), ("faithful", True), ("detailed", True)):
        page.radio(key="model").set_value(family).run()
        page.toggle(key="best").set_value(best).run()
        finish(press_upscale(page))
        chosen.append(service.upscaler.latest.model)
    assert chosen == ["faithful-fast", "faithful", "detailed"]


def test_a_single_family_is_no_choice(page, service):
    service.upscaler.zoo.names = MODELS[:2]
    upload(page)
    assert not page.radio
    assert page.toggle
    service.upscaler.zoo.names = MODELS[1:2]
    assert not page.run().toggle
    assert not page.error


def transparent(size=(12, 9)):
    out = io.BytesIO()
    Image.new("RGBA", size, (200, 10, 10, 90)).save(out, "PNG")
    return out.getvalue()


def test_transparency_and_profile_are_kept_unless_unwanted(page, service, downloads):
    finish(press_upscale(upload(page, transparent(), "logo.png")))
    for kept in (True, False):
        page.checkbox(key="transparency").set_value(kept)
        page.checkbox(key="profile").set_value(kept).run()
        with Image.open(io.BytesIO(downloads["data"]())) as result:
            assert result.mode == ("RGBA" if kept else "RGB")
            assert ("srgb" in result.info) is kept
    page.selectbox(key="format").select("JPEG").run()
    assert "A JPEG has no transparency" in texts(page)
    assert [box.key for box in page.checkbox] == ["profile"]
    assert service.runs == 1
    assert not page.exception


def test_nothing_is_asked_about_transparency_where_there_is_none(page):
    upload(page)
    assert [box.key for box in page.checkbox] == ["profile"]


def test_choices_are_in_the_address(service):
    at = AppTest.from_file(str(APP), default_timeout=30)
    at.query_params["size"] = "2x"
    at.query_params["denoise"] = "0.25"
    at.query_params["model"] = "Detailed"
    at.query_params["best"] = "true"
    upload(at.run())
    assert at.segmented_control(key="size").value == "2x"
    assert at.slider(key="denoise").value == 0.25
    assert at.radio(key="model").value == "detailed"
    assert at.toggle(key="best").value is True


def animation():
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"no picture at all", "not a picture"),
        (picture("PNG", (64, 64))[:-60], "incomplete"),
        (animation(), "animated"),
    ],
)
def test_a_bad_file_is_refused_with_a_sentence_before_any_work(page, service, data, sentence):
    upload(page, data, "photo.png")
    assert [sentence in error.value for error in page.error] == [True]
    assert not page.exception
    assert not page.radio
    assert service.runs == 0


def test_after_a_refusal_the_next_file_is_taken(page):
    upload(page, b"no picture at all", "photo.png")
    upload(page)
    assert not page.error
    assert "photo.jpg, 12 × 9 pixels" in texts(page)


def test_a_lost_session_is_told_of_in_place_of_its_pictures(page, monkeypatch):
    upload(page)
    for _ in range(2):  # also after it was told of once
        with monkeypatch.context() as restarted:
            restarted.setattr(MemoryUploadedFileManager, "get_files", lambda *_, **__: [])
            del page.session_state["session"]
            page.run()
        assert [warning.value for warning in page.warning] == [words.LOST]
        assert button(page, "Try it with this sample picture")
        upload(page, name="again.jpg")
        assert not page.warning
        assert "again.jpg, 12 × 9 pixels" in texts(page)


def test_tiles_done_and_time_left_are_shown_and_the_choices_wait(page, service):
    service.upscaler.go.clear()
    press_upscale(upload(page))
    assert service.upscaler.first_tile.wait(SOON)
    page.run()
    (bar,) = page.get("progress")
    assert "1 of 3 tiles done, about 20 seconds left" in bar.proto.text
    assert page.slider(key="denoise").disabled


def test_stop_stops(page, service):
    service.upscaler.go.clear()
    press_upscale(upload(page))
    assert service.upscaler.first_tile.wait(SOON)
    button(page.run(), "Stop").click().run()
    assert button(page, "Stop").disabled
    assert "Stopping" in page.get("progress")[0].proto.text
    service.upscaler.go.set()
    finish(page)
    assert [info.value for info in page.info] == ["Stopped."]
    assert button(page, "Upscale")


def test_another_file_stops_the_work_on_the_last_one(page, service):
    service.upscaler.go.clear()
    press_upscale(upload(page))
    job = page.session_state["session"].job
    upload(page, picture(size=(5, 5)), "other.jpg")
    service.upscaler.go.set()
    assert job.wait(SOON)
    assert job.state == "cancelled"
    assert "other.jpg, 5 × 5 pixels" in texts(page)


def test_a_second_visitor_sees_the_place_in_line_and_a_third_is_refused(page, service):
    service.upscaler.go.clear()
    press_upscale(upload(page))
    second, third = (AppTest.from_file(str(APP), default_timeout=30).run() for _ in range(2))
    press_upscale(upload(second))
    (bar,) = second.get("progress")
    assert "next in line" in bar.proto.text
    press_upscale(upload(third))
    assert ["try again" in error.value for error in third.error] == [True]


def add(page, data, name):
    """Drop one more beside those that are there, as a browser does."""
    uploader = page.file_uploader[0]
    there = uploader._get_files_to_register()
    uploader.set_value([(name, data, "image/jpeg")])
    uploader._files = [*there, *uploader._files]
    return page.run()


def drop(page, *files):
    page.file_uploader[0].set_value([(name, data, "image/jpeg") for name, data in files])
    return page.run()


def lines(page):
    return [line.value for line in page.text if not line.value.endswith("pixels")]


def finish_all(page):
    batch = page.session_state["session"].batch
    while batch.busy:
        for item in batch.items.values():
            assert item.job is None or item.job.wait(SOON)
        page.run()
    return page.run()


def test_several_pictures_each_with_its_state_and_one_bad_one_stops_no_other(
    page, service, downloads
):
    service.upscaler.go.clear()
    drop(page, ("a.jpg", picture()), ("b.jpg", b"nonsense"), ("c.png", picture("PNG", (9, 9))))
    assert lines(page)[0] == "a.jpg: ready"
    assert "not a picture" in lines(page)[1]
    assert "**2 pictures**" in texts(page)
    press_upscale(page)
    assert service.upscaler.first_tile.wait(SOON)
    page.run()
    assert lines(page)[0].startswith("a.jpg: 1 of 3 tiles done")
    assert lines(page)[2] == "c.png: waiting, number 1 in line"
    service.upscaler.go.set()
    finish_all(page)
    assert [line.rpartition(": ")[2] for line in lines(page)[::2]] == ["done", "done"]
    assert service.runs == 2
    links = [link.proto.url for link in page.get("link_button")]
    assert sorted(link.partition("/")[0] for link in links) == ["archive", "result"]
    assert downloads["name"] == "a-4x.jpg"
    page.selectbox(key="look").select_index(1).run()
    assert downloads["name"] == "c-4x.png"
    with Image.open(io.BytesIO(downloads["data"]())) as result:
        assert (result.format, result.size) == ("PNG", (36, 36))
    assert not page.exception


def test_of_several_pictures_the_noisy_ones_are_told_of_and_all_denoised_on_request(page, service):
    service.upscaler.noisy = True
    drop(page, ("a.jpg", picture()), ("b.png", picture("PNG", (9, 9))))
    press_upscale(page)
    finish_all(page)
    assert words.noisy(2, 2) in texts(page)
    page = button(page, "Denoise").click().run()
    assert page.slider(key="denoise").value == 1
    finish_all(page)
    assert service.runs == 4
    assert words.noisy(2, 2) not in texts(page)


def test_stop_stops_all_and_the_rest_can_be_done_later(page, service):
    service.upscaler.go.clear()
    drop(page, *((f"{i}.jpg", picture(size=(9 + i, 9))) for i in range(3)))
    press_upscale(page)
    assert service.upscaler.first_tile.wait(SOON)
    button(page.run(), "Stop").click().run()
    assert button(page, "Stop").disabled
    assert lines(page) == ["0.jpg: Stopping after this tile …", "1.jpg: ready", "2.jpg: ready"]
    service.upscaler.go.set()
    finish_all(page)
    assert set(lines(page)) == {f"{i}.jpg: ready" for i in range(3)}
    press_upscale(page)
    finish_all(page)
    assert set(lines(page)) == {f"{i}.jpg: done" for i in range(3)}


def test_the_zip_is_of_what_is_chosen_also_after_a_second_run_was_stopped(page, service):
    drop(page, ("a.jpg", picture()), ("b.jpg", picture(size=(9, 9))))
    press_upscale(page)
    finish_all(page)
    service.upscaler.go.clear()
    service.upscaler.first_tile.clear()
    page.segmented_control(key="size").set_value("2x").run()
    press_upscale(page)
    assert service.upscaler.first_tile.wait(SOON)
    button(page.run(), "Stop").click().run()
    service.upscaler.go.set()
    finish_all(page)
    page.segmented_control(key="size").set_value("4x").run()
    assert lines(page) == ["a.jpg: done", "b.jpg: done"]
    batch = page.session_state["session"].batch
    names = [made.file(Wanted())[0] for made in batch.finished()]
    assert names == ["a-4x.jpg", "b-4x.jpg"]


def test_a_second_picture_leaves_the_first_with_its_result(page, service):
    upscaled(page)
    add(page, picture(size=(9, 9)), "b.jpg")
    assert lines(page) == ["photo.jpg: done", "b.jpg: ready"]
    assert "**12 × 9 pixels** became **48 × 36 pixels**" in texts(page)
    press_upscale(page)
    finish_all(page)
    assert lines(page) == ["photo.jpg: done", "b.jpg: done"]
    assert service.runs == 2


def test_a_second_picture_leaves_the_first_at_work(page, service):
    service.upscaler.go.clear()
    press_upscale(upload(page))
    assert service.upscaler.first_tile.wait(SOON)
    add(page, picture(size=(9, 9)), "b.jpg")
    assert lines(page) == ["photo.jpg: 1 of 3 tiles done, about 20 seconds left", "b.jpg: ready"]
    assert button(page, "Stop")
    service.upscaler.go.set()
    finish_all(page)
    assert lines(page) == ["photo.jpg: done", "b.jpg: ready"]
    assert "**1 picture**" in texts(page)
    assert service.runs == 1


def test_a_second_picture_leaves_the_sample_out(page):
    button(page, "Try it with this sample picture").click().run()
    drop(page, ("a.jpg", picture()), ("b.jpg", picture(size=(9, 9))))
    assert lines(page) == ["a.jpg: ready", "b.jpg: ready"]


def test_the_last_of_several_keeps_its_result(page, service):
    drop(page, ("a.jpg", picture()), ("b.jpg", picture(size=(9, 9))))
    press_upscale(page)
    finish_all(page)
    uploader = page.file_uploader[0]
    uploader._files = uploader._get_files_to_register()[1:]
    page.run()
    assert lines(page) == ["b.jpg: done"]
    assert service.runs == 2


def test_a_width_for_several_is_bounded_by_the_widest_and_for_each_by_its_own(page, service):
    drop(page, ("a.jpg", picture()), ("b.jpg", picture(size=(9, 9))))
    page.segmented_control(key="size").set_value("Width").run()
    width = page.number_input(key="width")
    assert (width.label, width.max) == ("Width in pixels, up to 48", 48)
    width.set_value(36).run()
    assert words.NARROWER not in texts(page)
    page.number_input(key="width").set_value(40).run()
    assert words.NARROWER in texts(page)
    press_upscale(page)
    finish_all(page)
    assert lines(page) == ["a.jpg: done", "b.jpg: done"]
    made = page.session_state["session"].batch.finished()
    assert [one.result.size for one in made] == [(40, 30), (36, 36)]
    assert [one.file(Wanted())[0] for one in made] == ["a-40px.jpg", "b-36px.jpg"]


def test_of_two_with_one_name_each_can_be_looked_at(page):
    drop(page, ("a.jpg", picture()), ("a.jpg", picture(size=(9, 9))))
    assert lines(page) == ["a.jpg: ready", "a (2).jpg: ready"]
    for i, size in enumerate(("12 × 9", "9 × 9")):
        page.selectbox(key="look").select_index(i).run()
        assert page.text[2].value == f"a.jpg, {size} pixels"


def test_more_pictures_than_are_taken(page):
    drop(page, *((f"{i}.jpg", picture()) for i in range(12)))
    assert len(lines(page)) == 10
    assert "At most 10" in page.warning[0].value


def captions(page):
    return [caption for image in page.get("image") for caption in image.captions if caption]


def test_all_models_on_one_detail_on_request(page, service):
    upload(page, picture("PNG", (200, 150)))
    assert service.runs == 0
    button(page, "Compare").click().run()
    assert page.session_state["session"].comparison.wait(SOON)
    page.run()
    assert captions(page) == [
        "The picture itself",
        "Bicubic, no network",
        "Faithful",
        "Faithful, fast",
        "Detailed",
        "Detailed, fast",
    ]
    assert service.runs == 1
    upload(page, picture("PNG", (200, 151)), "other.png")
    assert not captions(page)
    assert not page.exception


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (BrokenPicture("The file ends too early."), "The file ends too early."),
        (ZeroDivisionError("division by zero"), words.UNEXPECTED),
    ],
)
def test_errors_are_sentences(page, service, error, sentence):
    service.upscaler.error = error
    upscaled(page)
    assert [error.value for error in page.error] == [sentence]
    assert not page.exception
    assert button(page, "Upscale")


def test_an_error_of_the_page_itself_is_a_sentence_too(page, service, monkeypatch):
    monkeypatch.setattr(service.upscaler, "output_size", lambda size, options: 1 / 0)
    upload(page)
    assert [error.value for error in page.error] == [words.UNEXPECTED]
    assert not page.exception


def test_a_format_that_cannot_hold_the_result_says_so_before_the_work_and_after(page, downloads):
    upload(page, picture("PNG", (4100, 1)))
    page.selectbox(key="format").select("WEBP").run()
    assert "16,383" in page.warning[0].value
    assert not [button for button in page.button if button.label == "Upscale"]
    page.selectbox(key="format").select("PNG").run()
    finish(press_upscale(page))
    assert downloads.pop("name") == "photo-4x.png"
    page.selectbox(key="format").select("WEBP").run()
    assert "16,383" in page.warning[0].value
    assert "name" not in downloads


def test_the_sample_through_the_real_networks(monkeypatch, downloads):
    service = Service(Upscaler(), JobQueue())
    monkeypatch.setattr(srgan.web.service, "service", lambda: service)
    page = AppTest.from_file(str(APP), default_timeout=60).run()
    button(page, "Try it with this sample picture").click().run()
    press_upscale(page)
    job = page.session_state["session"].job
    assert job is None or job.wait(60)
    page.run()
    assert not page.error
    with Image.open(io.BytesIO(downloads["data"]())) as result:
        assert (result.format, result.size) == ("PNG", (1024, 680))
        small = np.asarray(result.resize((256, 170), Image.Resampling.BOX), np.float32)
    with Image.open(APP.parent / "srgan" / "web" / "cat.png") as sample:
        assert np.abs(small - np.asarray(sample, np.float32)).mean() < 4  # levels
    assert service.runs == 1
