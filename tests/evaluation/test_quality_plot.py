import numpy as np
from PIL import ImageColor

from srgan.evaluation.published import PUBLISHED, markdown_table
from srgan.evaluation.quality_plot import COLOURS, LABEL, PANEL, ROW, TOP, quality_plot
from srgan.evaluation.scoring import Scores

TABLE = {
    "Set5": {"bicubic": Scores(28.0, 0.8, 0.34), "ours": Scores(32.0, 0.9, 0.18)},
    "Set14": {"bicubic": Scores(26.0, 0.7, 0.44), "ours": Scores(28.5, 0.8, 0.29)},
}


def columns(image, colour, row, panel=0):
    """Where in a row of a panel `colour` is, in pixels from its left."""
    left = LABEL + panel * (PANEL + 40)
    strip = np.asarray(image)[TOP + row * ROW : TOP + (row + 1) * ROW, left - 6 : left + PANEL + 6]
    return np.flatnonzero((strip == ImageColor.getrgb(colour)).all(axis=2).any(axis=0))


def test_better_is_to_the_right_in_psnr_and_to_the_left_in_lpips():
    image = quality_plot(TABLE, (), "title")
    assert columns(image, COLOURS[0], 1, 0).mean() > columns(image, COLOURS[0], 0, 0).mean()
    assert columns(image, COLOURS[0], 1, 1).mean() < columns(image, COLOURS[0], 0, 1).mean()
    assert columns(image, COLOURS[1], 0, 0).mean() < columns(image, COLOURS[0], 0, 0).mean()


def test_others_have_rows_of_their_own_and_hollow_marks():
    alone, beside = (quality_plot(TABLE, others, "title") for others in ((), PUBLISHED))
    assert beside.height == alone.height + len(PUBLISHED) * ROW
    ours, theirs = columns(beside, COLOURS[0], 1), columns(beside, COLOURS[0], 2)
    assert (np.diff(ours) == 1).all()
    middle = TOP + 2 * ROW + ROW // 2
    assert beside.getpixel((LABEL - 6 + int(theirs.mean()), middle)) == (255, 255, 255)


def test_time_has_a_panel_where_it_is_known():
    without = quality_plot(TABLE, (), "title")
    image = quality_plot(TABLE, (), "title", {"ours": 4.0, "unheard of": 3.0})
    assert image.width > without.width
    assert len(columns(image, "#222222", 1, 2))


def test_missing_lpips_leaves_its_panel_out():
    table = {"Set5": {"bicubic": Scores(28.0, 0.8, None)}}
    assert quality_plot(table, (), "title").width < quality_plot(TABLE, (), "title").width


def test_equal_values_and_degraded_inputs_are_drawn():
    table = {"Set14": {"one": Scores(24.0, 0.5, 0.4), "two": Scores(24.0, 0.5, 0.4)}}
    image = quality_plot(table, PUBLISHED, "title", degraded=True)
    assert image.height == quality_plot(table, (), "title").height + ROW


def test_published_figures_as_a_table():
    lines = markdown_table(["Set5", "BSD100"]).splitlines()
    assert lines[0] == "| | Set5 | BSD100 |"
    assert "| RLFN | 32.10 / 0.176 | 27.58 / 0.381 |" in lines
    assert "| Real-ESRGAN x4plus | 26.63 / 0.170 | – |" in lines
