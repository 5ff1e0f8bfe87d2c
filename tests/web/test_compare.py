import pytest

from srgan.web import compare


@pytest.mark.parametrize(
    ("size", "width"),
    [((30, 20), "stretch"), ((20, 20), "stretch"), ((20, 30), 400), ((3, 9000), 1)],
)
def test_upright_pictures_stay_within_the_height_of_a_screen(size, width):
    assert compare.fitting(size) == width
