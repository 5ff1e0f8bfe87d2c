"""What an import may cost."""

import subprocess
import sys

import pytest

HEAVY = ("tensorflow", "keras", "streamlit", "cv2", "ai_edge_litert", "apache_beam")


@pytest.mark.parametrize(
    ("code", "forbidden"),
    [
        ("import srgan", HEAVY),
        ("import srgan; srgan.models()", HEAVY),
        ("from srgan import Upscaler; Upscaler().load()", ("tensorflow", "keras", "streamlit")),
    ],
)
def test_imports_stay_light(code, forbidden):
    code += f"; import sys; print([m for m in {forbidden!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
