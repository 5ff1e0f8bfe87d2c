import signal

import pytest

from srgan.training.interrupting import stoppable, whole


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_block_is_finished_first(number, capsys):
    done = []

    def steps():
        for step in range(5):
            with whole():
                if step == 1:
                    signal.raise_signal(number)
                done.append(step)

    with pytest.raises(KeyboardInterrupt), stoppable():
        steps()
    assert done == [0, 1]
    assert "after this step" in capsys.readouterr().err


def test_who_asks_twice_does_not_wait():
    done = []

    def step():
        with whole():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            done.append("all of it")

    with pytest.raises(KeyboardInterrupt):
        step()
    assert done == []


def test_afterwards_signals_are_what_they_were():
    before = [signal.getsignal(it) for it in (signal.SIGINT, signal.SIGTERM)]
    with stoppable(), whole():
        pass
    assert [signal.getsignal(it) for it in (signal.SIGINT, signal.SIGTERM)] == before
    with pytest.raises(KeyboardInterrupt), stoppable():
        signal.raise_signal(signal.SIGTERM)


def test_errors_come_through():
    with pytest.raises(ValueError, match="this"), whole():
        raise ValueError("this")


def test_what_a_script_started_in_the_background_can_be_stopped_too():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as shells do
    try:
        with pytest.raises(KeyboardInterrupt), stoppable():
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
