"""The schedule: both limits count, and the learning rate ends at 0."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.training.pretraining.schedule import Clock, Schedule


def test_the_larger_share_counts():
    schedule = Schedule(tokens=1000, minutes=10, warmup=0.1, decay=0.9)
    assert schedule.share(500, 60) == 0.5
    assert schedule.share(100, 480) == 0.8
    assert schedule.share(5000, 0) == schedule.share(0, 10_000) == 1.0
    assert Schedule(1000, None, 0.1, 0.9).share(500, 1e9) == 0.5
    assert Schedule(None, 10, 0.1, 0.9).share(10**12, 300) == 0.5


def test_the_learning_rate_rises_stays_and_falls():
    schedule = Schedule(1000, None, warmup=0.2, decay=0.4)
    assert [schedule.factor(share) for share in (0.0, 0.1, 0.2, 0.6)] == [0.0, 0.5, 1.0, 1.0]
    assert [schedule.factor(share) for share in (0.8, 1.0)] == pytest.approx([0.5, 0.0])
    assert Schedule(1000, None, warmup=0.0, decay=1.0).factor(0.0) == 1.0


@given(st.floats(0, 1), st.floats(0, 0.5), st.floats(0.01, 0.5))
def test_the_learning_rate_is_a_share(share, warmup, decay):
    assert 0.0 <= Schedule(1, None, warmup, decay).factor(share) <= 1.0
    assert Schedule(1, None, warmup, decay).factor(1.0) == 0.0


def test_a_clock_goes_on_from_the_time_before():
    assert 100.0 <= Clock(100.0).seconds() < 101.0
    clock = Clock()
    first = clock.seconds()
    assert 0.0 <= first <= clock.seconds() < 1.0
