import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from srgan.errors import BrokenPicture, Cancelled, NotEnoughMemory
from srgan.upscaler import Progress
from srgan.web.jobs import JobQueue, QueueFull, State

SOON = 10.0  # seconds; only ends a hang


class Gate:
    """Work that runs until the test lets it go on."""

    def __init__(self):
        self.started = threading.Event()
        self.go = threading.Event()
        self.stopped = False

    def __call__(self, report, stop):
        self.started.set()
        assert self.go.wait(SOON)
        report(Progress(1, 2, 0.1, 0.1))
        if stop.is_set():
            self.stopped = True
            raise Cancelled("Stopped.")
        return "done"


@pytest.fixture
def gates():
    made = []

    def make():
        made.append(Gate())
        return made[-1]

    yield make
    for gate in made:
        gate.go.set()


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def quick(report, stop):
    return 42


def test_a_job_gives_what_the_work_returns():
    job = JobQueue().submit(quick)
    assert job.wait(SOON)
    assert (job.state, job.result()) == (State.DONE, 42)


def test_only_so_many_run_at_once_and_the_others_know_their_place(gates):
    queue = JobQueue(workers=2)
    works = [gates() for _ in range(4)]
    jobs = [queue.submit(work) for work in works]
    assert works[0].started.wait(SOON)
    assert works[1].started.wait(SOON)
    assert [job.place for job in jobs] == [0, 0, 1, 2]
    assert [job.state for job in jobs] == [State.WORKING] * 2 + [State.WAITING] * 2
    assert not works[2].started.is_set()
    works[1].go.set()
    assert works[2].started.wait(SOON)
    assert [job.place for job in jobs] == [0, 0, 0, 1]


def test_first_come_first_served(gates):
    queue, order, first = JobQueue(), [], gates()
    queue.submit(first)

    def work(number):
        return lambda report, stop: order.append(number)

    jobs = [queue.submit(work(number)) for number in range(5)]
    first.go.set()
    assert all(job.wait(SOON) for job in jobs)
    assert order == [0, 1, 2, 3, 4]


def test_a_full_line_refuses_with_a_sentence(gates):
    queue = JobQueue(workers=1, capacity=1)
    queue.submit(gates())
    queue.submit(gates())
    with pytest.raises(QueueFull, match="try again"):
        queue.submit(gates())


@pytest.mark.parametrize(("seconds", "said"), [(1, "in 1 second."), (7, "in 7 seconds.")])
def test_when_to_come_back_is_said_as_a_person_would(seconds, said):
    assert str(QueueFull("It is full.", seconds)) == f"It is full. Please try again {said}"


def test_cancelling_a_waiting_job_takes_it_out_of_the_line(gates):
    queue, first, second = JobQueue(), gates(), gates()
    queue.submit(first)
    waiting, last = queue.submit(second), queue.submit(gates())
    waiting.cancel()
    assert (waiting.over, waiting.state, last.place) == (True, State.CANCELLED, 1)
    with pytest.raises(Cancelled):
        waiting.result()
    assert not second.started.is_set()


def test_cancelling_a_running_job_stops_it_and_starts_the_next(gates):
    queue, work = JobQueue(), gates()
    job, following = queue.submit(work), queue.submit(quick)
    assert work.started.wait(SOON)
    job.cancel()
    work.go.set()
    assert job.wait(SOON)
    assert (job.state, work.stopped) == (State.CANCELLED, True)
    assert following.wait(SOON)


def test_a_result_that_comes_after_cancelling_is_dropped(gates):
    entered, go = threading.Event(), threading.Event()

    def deaf(report, stop):
        entered.set()
        assert go.wait(SOON)
        return "late"

    job = JobQueue().submit(deaf)
    assert entered.wait(SOON)
    job.cancel()
    go.set()
    assert job.wait(SOON)
    assert job.state is State.CANCELLED


@pytest.mark.parametrize("error", [BrokenPicture("The file ends too early."), ZeroDivisionError()])
def test_an_error_belongs_to_its_job_and_the_line_goes_on(error):
    queue = JobQueue()

    def fail(report, stop):
        raise error

    job, following = queue.submit(fail), queue.submit(quick)
    assert job.wait(SOON)
    assert (job.state, job.error) == (State.FAILED, error)
    with pytest.raises(type(error)):
        job.result()
    assert following.wait(SOON)
    assert following.result() == 42


def test_only_unforeseen_errors_are_logged(caplog):
    def fail(error):
        def work(report, stop):
            raise error

        return work

    queue = JobQueue()
    for error in (BrokenPicture("The file ends too early."), ZeroDivisionError("surprise")):
        assert queue.submit(fail(error)).wait(SOON)
    assert [str(record.exc_info[1]) for record in caplog.records] == ["surprise"]


def test_progress_is_the_latest_report():
    reports = [Progress(i, 3, 0.0, None) for i in range(4)]

    def work(report, stop):
        for progress in reports:
            report(progress)

    job = JobQueue().submit(work)
    assert job.wait(SOON)
    assert job.progress == reports[-1]


def test_a_waiting_job_that_nobody_asks_after_gives_its_place_back(gates):
    clock = Clock()
    queue = JobQueue(patience=60, clock=clock)
    queue.submit(gates())
    left, kept = queue.submit(gates()), queue.submit(gates())
    clock.now = 61
    kept.touch()
    assert kept.place == 1
    assert left.state is State.CANCELLED


def test_a_running_job_that_nobody_asks_after_stops_at_its_next_step(gates):
    clock, work = Clock(), gates()
    job = JobQueue(patience=60, clock=clock).submit(work)
    assert work.started.wait(SOON)
    clock.now = 61
    work.go.set()
    assert job.wait(SOON)
    assert job.state is State.CANCELLED


def test_what_no_thread_is_left_for_fails_and_takes_no_place(monkeypatch):
    def none_left(self):
        raise RuntimeError("can't start new thread")

    queue = JobQueue(workers=1)
    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", none_left)
        lost = queue.submit(quick)
    assert (lost.over, lost.state) == (True, State.FAILED)
    with pytest.raises(NotEnoughMemory, match="try again"):
        lost.result()
    kept = queue.submit(quick)
    assert kept.wait(SOON)
    assert kept.result() == 42


def test_closing_cancels_everything(gates):
    queue, work = JobQueue(), gates()
    jobs = [queue.submit(work), queue.submit(gates())]
    queue.close()
    work.go.set()
    assert all(job.wait(SOON) for job in jobs)
    assert {job.state for job in jobs} == {State.CANCELLED}


def test_the_result_of_an_unfinished_job_cannot_be_had(gates):
    job = JobQueue().submit(gates())
    with pytest.raises(RuntimeError, match="not over"):
        job.result()


def test_what_begins_first_was_submitted_first_by_the_clock_too():
    queue = JobQueue(workers=3, capacity=100)
    jobs = []
    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(lambda _: jobs.append(queue.submit(lambda *_: None)), range(60)))
    assert all(job.wait(60) for job in jobs)
    begun = [job.begun or 0 for job in sorted(jobs, key=lambda job: (job._submitted, job.begun))]
    assert begun == sorted(begun)
