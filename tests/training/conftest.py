"""What the tests of several stages share."""

import pytest
from PIL import Image

from tests.photos import photograph


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """A folder of three small photographs."""
    folder = tmp_path_factory.mktemp("photos")
    for number, size in enumerate([(120, 100), (104, 132), (96, 96)]):
        Image.fromarray(photograph(*size)).save(folder / f"{number}.png")
    return folder
