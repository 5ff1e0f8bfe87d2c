import numpy as np
import pytest

from srgan.errors import BadOption
from srgan.evaluation.benchmark_sets import find_sets
from srgan.evaluation.methods import BICUBIC, Method
from srgan.evaluation.report import means
from srgan.evaluation.scoring import Scores, score


def nearest(rgb: np.ndarray) -> np.ndarray:
    return rgb.repeat(4, axis=0).repeat(4, axis=1)


def test_each_method_meets_each_picture_and_the_better_one_wins(make_set):
    sets = find_sets(make_set("one"))
    results = list(score(sets, [Method("nearest", nearest), BICUBIC]))
    assert [(it.set_name, it.method, it.picture) for it in results] == [
        ("one", method, picture) for picture in ("p0", "p1") for method in ("nearest", "bicubic")
    ]
    table = means(results)["one"]
    assert table["bicubic"].psnr_y > table["nearest"].psnr_y
    assert table["bicubic"].ssim_y > table["nearest"].ssim_y


def test_degraded_inputs_score_worse(make_set):
    sets = find_sets(make_set("one"))
    clean, degraded = (
        Scores.mean([it.scores for it in score(sets, [BICUBIC], degraded=flag)])
        for flag in (False, True)
    )
    assert degraded.psnr_y < clean.psnr_y - 1


def test_lpips_sees_the_pictures_without_their_border(make_set):
    seen = []

    def to(truth: np.ndarray):
        def distance(picture: np.ndarray) -> float:
            seen.append((picture.shape, truth.shape))
            return 0.25

        return distance

    sets = find_sets(make_set("one", pictures=1, size=(64, 48)))
    (result,) = score(sets, [BICUBIC], lpips=to)
    assert seen == [((40, 56, 3), (40, 56, 3))]
    assert result.scores.lpips == 0.25


def test_several_pictures_at_a_time_give_the_same_in_the_same_order(make_set):
    sets = find_sets(make_set("many", pictures=6))
    compared = [Method("nearest", nearest), BICUBIC]
    assert list(score(sets, compared, threads=3)) == list(score(sets, compared))


def test_what_goes_wrong_in_a_thread_is_raised(make_set):
    def broken(_: np.ndarray) -> np.ndarray:
        raise BadOption("no")

    sets = find_sets(make_set("many", pictures=6))
    with pytest.raises(BadOption):
        list(score(sets, [Method("broken", broken)], threads=2))


def test_a_mean_leaves_lpips_out_where_one_is_missing():
    a, b = Scores(20.0, 0.5, 0.1), Scores(30.0, 0.7, None)
    mean = Scores.mean([a, b])
    assert (mean.psnr_y, mean.lpips) == (25.0, None)
    assert mean.ssim_y == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("name", "published"), [("Set5", 28.42), ("Set14", 26.0), ("BSD100", 25.96)]
)
def test_bicubic_scores_as_published(shared, name, published):
    sets = find_sets(shared / "data" / "eval" / name)
    mean = means(score(sets, [BICUBIC]))[name]["bicubic"]
    assert mean.psnr_y == pytest.approx(published, abs=0.1)
