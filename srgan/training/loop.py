"""The loop that every stage shares: schedule, log, validation, checkpoints, resume, Ctrl-C."""

import csv
import itertools
import math
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import keras
import numpy as np

from srgan.cores import cores
from srgan.errors import BadOption
from srgan.training import preview
from srgan.training.checkpoint import arrays_of, assign, load_checkpoint, save_checkpoint
from srgan.training.interrupting import stoppable, whole
from srgan.training.step import Step

Batch = tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Quality:
    """What validation measures: its column in the log, how a person writes it, what is better."""

    name: str
    label: str
    unit: str = ""
    digits: int = 3
    lower_is_better: bool = False

    def better(self, score: float, best: float | None) -> bool:
        """Whether `score` beats `best`, the best so far, if there is one."""
        if best is None:
            return not math.isnan(score)
        return score < best if self.lower_is_better else score > best

    def written(self, score: float) -> str:
        """`score` with its unit."""
        return f"{score:.{self.digits}f}{self.unit}"


PSNR_Y = Quality("psnr_y", "PSNR-Y in dB", " dB")
LPIPS = Quality("lpips", "LPIPS, lower is better", digits=4, lower_is_better=True)


@dataclass(frozen=True)
class Settings:
    """How long and how fast. At least one of `minutes` and `steps` bounds the run.

    The learning rate rises over `warmup` of the run and then falls by a cosine to `floor` of
    its peak. With `steps` alone everything is a function of the step; with `minutes` the share of
    the run that is over is measured in seconds of training.
    """

    output: Path
    minutes: float | None = None
    steps: int | None = None
    learning_rate: float = 4e-4
    warmup: float = 0.01
    floor: float = 0.005
    ema: float = 0.999
    seed: int = 0
    save_every: float = 180.0  # seconds
    validate_every: float = 300.0  # seconds
    resume: bool = False
    stop_after: int | None = None  # a step before the end of the schedule

    def __post_init__(self) -> None:
        if self.minutes is None and self.steps is None:
            raise ValueError("say how long: --minutes or --steps")

    def learning_rate_at(self, share: float) -> float:
        """The learning rate when `share` (0 to 1) of the run is over."""
        if share < self.warmup:
            return self.learning_rate * max(share / self.warmup, 0.01)
        fall = 0.5 * (1 + math.cos(math.pi * min(1.0, share)))
        return self.learning_rate * (self.floor + (1 - self.floor) * fall)


def adam(settings: Settings, average: bool = True) -> keras.optimizers.Optimizer:
    """Adam with the moving average of the weights that validation and the results use.

    `average=False` goes without, for a network that is no result.
    """
    return keras.optimizers.Adam(
        settings.learning_rate,
        beta_1=0.9,
        beta_2=0.999,
        use_ema=average,
        ema_momentum=settings.ema,
    )


@contextmanager
def averaged(optimizer: keras.optimizers.Optimizer, variables: Sequence) -> Iterator[None]:
    """Within the block `variables` hold their moving averages."""
    kept = arrays_of(variables)
    try:
        with whole():  # half way, averages would be saved as what was trained
            if int(keras.ops.convert_to_numpy(optimizer.iterations)) > 0:
                optimizer.finalize_variable_values(variables)
                # as copies: JAX would share the optimizer's own arrays, which predicting gives away
                assign(variables, arrays_of(variables))
        yield
    finally:
        with whole():
            assign(variables, kept)


class Loop:
    """Runs `steps` until the time or the number of steps is used up.

    `advance(batch)` takes a batch and returns the losses by name, the first being the one that
    is plotted. `trained` are pairs of a step object and the models it changes; the first model
    of the first pair is the one that is validated, shown and kept as the result. `score()` gives
    a number for each of `judged_by`; the first of them decides which weights are the best.
    `saved_too` are networks that are no result, but that another run may start from, by file name.
    """

    def __init__(
        self,
        settings: Settings,
        batch_at: Callable[[int], Batch],
        advance: Callable[[Batch], dict[str, Any]],
        trained: Sequence[tuple[Step, Sequence[keras.Model]]],
        score: Callable[[], Sequence[float]],
        sheet: Callable[[Path], None],
        facts: dict[str, Any],
        judged_by: Sequence[Quality] = (PSNR_Y,),
        saved_too: Mapping[str, keras.Model] = MappingProxyType({}),
    ):
        self.settings, self.batch_at, self.advance = settings, batch_at, advance
        self.trained, self.score, self.sheet = trained, score, sheet
        self.facts, self.judged_by, self.saved_too = facts, judged_by, saved_too
        self.model = trained[0][1][0]
        self.step, self.seconds = 0, 0.0
        self.best: float | None = None
        self.rows: list[tuple[int, float, float | None]] = []
        settings.output.mkdir(parents=True, exist_ok=True)
        if settings.resume:
            self._restore()

    @property
    def share(self) -> float:
        """How much of the run is over, 0 to 1."""
        limits = []
        if self.settings.steps is not None:
            limits.append(self.step / self.settings.steps)
        if self.settings.minutes is not None:
            limits.append(self.seconds / (self.settings.minutes * 60))
        return max(limits)

    @property
    def over(self) -> bool:
        """Whether nothing is left to do, now."""
        stop_after = self.settings.stop_after
        return self.share >= 1 or (stop_after is not None and self.step >= stop_after)

    def run(self) -> None:
        """Train to the end.

        Ctrl-C, or SIGTERM, saves first and then stops with `KeyboardInterrupt`. Raises BadOption
        when the loss is no longer a number; the last checkpoint stays.
        """
        with stoppable():
            self._run()

    def _run(self) -> None:
        batches = _ahead(self.batch_at, self.step)
        saved = validated = logged = time.monotonic()
        recent: list[dict[str, Any]] = []
        try:
            while not self.over:
                started = time.monotonic()
                for step, _ in self.trained:
                    rate = self.settings.learning_rate_at(self.share)
                    step.optimizer.learning_rate.assign(rate)
                batch = next(batches)
                with whole():
                    recent.append(self.advance(batch))
                    self.step += 1
                if len(recent) % 16 == 0:
                    _wait_for(recent[-1])
                now = time.monotonic()
                self.seconds += now - started
                last = self.over
                if now - logged > 10 or last:
                    _wait_for(recent[-1])
                    scores: Sequence[float] = ()
                    if now - validated > self.settings.validate_every or last:
                        scores = self._validate()
                        validated = time.monotonic()
                    self._log(recent, scores)
                    recent, logged = [], time.monotonic()
                if now - saved > self.settings.save_every or last:
                    if recent:  # nothing that is broken takes the place of what is whole
                        _wait_for(recent[-1])
                    self.save()
                    saved = time.monotonic()
        except KeyboardInterrupt:
            self.save()
            print(f"\nstopped at step {self.step}; saved, --resume goes on", file=sys.stderr)
            raise
        finally:
            batches.close()

    def save(self) -> None:
        """Write the checkpoint of everything, the averaged weights and `saved_too`, as they are."""
        groups: dict[str, list[np.ndarray]] = {}
        for number, (step, models) in enumerate(self.trained):
            step.sync()
            groups[f"optimizer{number}"] = arrays_of(step.optimizer.variables)
            for place, model in enumerate(models):
                groups[f"model{number}-{place}"] = arrays_of(model.variables)
        facts = {
            "step": self.step,
            "seconds": self.seconds,
            "best": self.best,
            "judged_by": self.judged_by[0].name,
            "rows": self.rows,
            "settings": {k: str(v) for k, v in asdict(self.settings).items()},
            **self.facts,
        }
        save_checkpoint(self.settings.output / "checkpoint", groups, facts)
        step, _ = self.trained[0]
        with averaged(step.optimizer, step.variables):
            _save_weights(self.model, self.settings.output / "last.weights.h5")
        for name, model in self.saved_too.items():
            _save_weights(model, self.settings.output / name)

    def _restore(self) -> None:
        try:
            groups, facts = load_checkpoint(self.settings.output / "checkpoint")
        except FileNotFoundError as error:
            raise BadOption(f"{self.settings.output} holds no checkpoint to go on from.") from error
        judge = facts.get("judged_by", PSNR_Y.name)
        if judge != self.judged_by[0].name:
            raise BadOption(
                f"The run in {self.settings.output} is judged by {judge}, and this one would be "
                f"by {self.judged_by[0].name}: resume it with the options it was started with."
            )
        try:
            for number, (step, models) in enumerate(self.trained):
                assign(step.optimizer.variables, groups.pop(f"optimizer{number}"))
                for place, model in enumerate(models):
                    assign(model.variables, groups.pop(f"model{number}-{place}"))
            if groups:
                raise KeyError(f"nothing takes {', '.join(groups)}")
        except (KeyError, ValueError) as error:
            raise BadOption(
                f"The run in {self.settings.output} was started with other options ({error}): "
                "resume it with those."
            ) from error
        self.step, self.seconds = facts["step"], facts["seconds"]
        self.best = facts["best"]
        self.rows = [tuple(row) for row in facts["rows"]]
        _forget_after(self.step, self.settings.output / "log.csv")

    def _validate(self) -> Sequence[float]:
        step, _ = self.trained[0]
        step.sync()
        with averaged(step.optimizer, step.variables):
            scores = self.score()
            self.sheet(self.settings.output / "crops.png")
            if self.judged_by[0].better(scores[0], self.best):
                self.best = scores[0]
                _save_weights(self.model, self.settings.output / "best.weights.h5")
        return scores

    def _log(self, recent: list[dict[str, Any]], scores: Sequence[float]) -> None:
        names = list(recent[0])
        means = {n: float(np.mean([_number(r[n]) for r in recent])) for n in names}
        rate = _number(self.trained[0][0].optimizer.learning_rate)
        self.rows.append((self.step, means[names[0]], scores[0] if scores else None))
        path = self.settings.output / "log.csv"
        fresh = not path.exists()
        with open(path, "a", newline="") as file:
            writer = csv.writer(file)
            if fresh:
                judges = [quality.name for quality in self.judged_by]
                writer.writerow(["step", "seconds", "learning_rate", *names, *judges])
            row = [self.step, f"{self.seconds:.1f}", f"{rate:.3e}"]
            row += [f"{means[n]:.6g}" for n in names]
            writer.writerow(row + ([f"{s:.4f}" for s in scores] or [""] * len(self.judged_by)))
        label = self.judged_by[0].label
        preview.loss_plot(self.rows, self.settings.output / "loss.png", label)
        self._progress(means, scores)

    def _progress(self, means: dict[str, float], scores: Sequence[float]) -> None:
        filled = round(24 * min(1.0, self.share))
        left = self.seconds / max(self.share, 1e-9) * (1 - self.share) / 60
        text = " ".join(f"{name} {value:.4g}" for name, value in means.items())
        judge = self.judged_by[0]
        best = "" if self.best is None else f" best {judge.written(self.best)}"
        written = [q.written(s) for q, s in zip(self.judged_by, scores, strict=False)]
        now = f" now {', '.join(written)}" if scores else ""
        line = (
            f"[{'#' * filled}{'.' * (24 - filled)}] step {self.step} {text}{now}{best}"
            f" · {max(left, 0):.1f} min left"
        )
        live = sys.stderr.isatty() and not scores
        print(f"\r{line}\x1b[K" if live else line, end="" if live else "\n", file=sys.stderr)
        sys.stderr.flush()


def _ahead(batch_at: Callable[[int], Batch], first: int, depth: int = 8) -> Any:
    """Batches from step `first` on, in order, prepared by threads while the last one is in use."""
    pool = ThreadPoolExecutor(max(1, cores() // 2), "batches")

    def batches() -> Iterator[Batch]:
        try:
            steps = itertools.count(first)
            ready = deque(pool.submit(batch_at, step) for step in itertools.islice(steps, depth))
            for step in steps:
                yield ready.popleft().result()
                ready.append(pool.submit(batch_at, step))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    return batches()


def _number(value: Any) -> float:
    return float(keras.ops.convert_to_numpy(value))


def _wait_for(losses: dict[str, Any]) -> None:
    """Asynchronous devices run ahead of the clock: wait, so that seconds are true."""
    for value in losses.values():
        if not math.isfinite(_number(value)):
            raise BadOption(
                "The loss is no longer a number: --resume with a lower --learning-rate."
            )


def _forget_after(step: int, log: Path) -> None:
    """Take away the rows of steps that were not saved, and will be done again."""
    if not log.exists():
        return
    with open(log, newline="") as file:
        head, *rows = csv.reader(file)
    kept = [row for row in rows if int(row[0]) <= step]
    if len(kept) < len(rows):
        partial = log.with_name("partial-" + log.name)
        with open(partial, "w", newline="") as file:
            csv.writer(file).writerows([head, *kept])
        partial.replace(log)


def _save_weights(model: keras.Model, path: Path) -> None:
    partial = path.with_name("partial-" + path.name)
    model.save_weights(partial)
    partial.replace(path)
