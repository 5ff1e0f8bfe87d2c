import json
import math

from srgan.evaluation.report import as_json, markdown_table, means, text_table
from srgan.evaluation.scoring import Result, Scores

RESULTS = [
    Result("Set5", "bicubic", "baby", Scores(30.0, 0.8, 0.3)),
    Result("Set5", "faithful", "baby", Scores(34.0, 0.9, 0.2)),
    Result("Set5", "bicubic", "bird", Scores(28.0, 0.6, 0.5)),
    Result("Set5", "faithful", "bird", Scores(math.inf, 1.0, 0.0)),
    Result("Set14", "bicubic", "comic", Scores(22.0, 0.5, None)),
    Result("Set14", "faithful", "comic", Scores(23.0, 0.6, None)),
]


def test_the_terminals_table_lines_up():
    assert text_table(means(RESULTS)).splitlines() == [
        "           Set5                    Set14",
        "           PSNR-Y  SSIM-Y  LPIPS   PSNR-Y  SSIM-Y       LPIPS",
        "bicubic     29.00  0.7000  0.400    22.00  0.5000  no weights",
        "faithful      inf  0.9500  0.100    23.00  0.6000  no weights",
    ]


def test_the_markdown_table_holds_the_same():
    assert markdown_table(means(RESULTS)).splitlines() == [
        "| | Set5 | Set14 |",
        "|---|---|---|",
        "| bicubic | 29.00 / 0.7000 / 0.400 | 22.00 / 0.5000 / no weights |",
        "| faithful | inf / 0.9500 / 0.100 | 23.00 / 0.6000 / no weights |",
    ]


def test_json_holds_means_and_pictures_and_is_strict():
    tree = json.loads(json.dumps(as_json(RESULTS), allow_nan=False))
    assert tree["Set5"]["bicubic"] == {
        "mean": {"psnr_y": 29.0, "ssim_y": 0.7, "lpips": 0.4},
        "pictures": {
            "baby": {"psnr_y": 30.0, "ssim_y": 0.8, "lpips": 0.3},
            "bird": {"psnr_y": 28.0, "ssim_y": 0.6, "lpips": 0.5},
        },
    }
    assert tree["Set5"]["faithful"]["pictures"]["bird"]["psnr_y"] is None
    assert tree["Set14"]["bicubic"]["mean"]["lpips"] is None
