import pytest

from srgan.errors import NotAPicture
from srgan.upscaler import Progress
from srgan.web import words


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "a second"), (2.4, "2 seconds"), (89, "89 seconds"), (150, "2 minutes")],
)
def test_durations(seconds, said):
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("nbytes", "said"),
    [
        (3, "1 kB"),
        (344_400, "340 kB"),
        (999_600, "1.0 MB"),
        (3_440_000, "3.4 MB"),
        (123_400_000, "120 MB"),
    ],
)
def test_file_sizes(nbytes, said):
    assert words.file_size(nbytes) == said


def test_noisy_pictures():
    assert words.noisy(1, 1).startswith("This picture has noise")
    assert words.noisy(1, 3).startswith("One of 3 pictures has noise")
    assert words.noisy(2, 3).startswith("2 of 3 pictures have noise")


def test_what_to_expect():
    size = (4096, 3072)
    sized = "Result: **4,096 × 3,072 pixels**, about 12 MB"
    assert words.expected(size, 12_000_000, None) == f"{sized}."
    assert words.expected(size, 12_000_000, 20) == f"{sized}, in about 20 seconds."


def test_what_to_expect_of_several():
    assert words.expected_of(1, 5000, None) == "**1 picture**, about 5 kB."
    assert words.expected_of(3, 5000, 9) == "**3 pictures**, about 5 kB, in about 9 seconds."


@pytest.mark.parametrize(
    ("progress", "shown"),
    [
        (None, (0.0, "Starting …")),
        (Progress(1, 4, 1.0, None), (0.25, "1 of 4 tiles done")),
        (Progress(1, 4, 1.0, 3.0), (0.25, "1 of 4 tiles done, about 3 seconds left")),
        (Progress(4, 4, 4.0, 0.0), (1.0, "4 of 4 tiles done")),
    ],
)
def test_progress(progress, shown):
    assert words.progress(progress) == shown


def test_the_place_in_line():
    assert words.waiting(1) == "Your picture is next in line."
    assert words.waiting(3) == "Your picture is number 3 in line."


def test_only_errors_made_for_people_are_quoted():
    assert words.problem(NotAPicture("Not a picture.")) == "Not a picture."
    assert words.problem(ValueError("bad offset 0x7f")) == words.UNEXPECTED


def test_sentences():
    assert words.sentence("true to the picture") == "True to the picture."
    assert words.sentence("JPEG blocks go.") == "JPEG blocks go."


def test_model_names():
    assert words.model_name("faithful") == "Faithful"
    assert words.model_name("faithful-fast") == "Faithful, fast"
