"""The system's time never goes back, whatever machine or messages say."""

from twinward.live.clock import FeedClock, WallClock


def test_the_wall_clock_is_held_where_the_machines_goes_back() -> None:
    told = iter([100.0, 90.0, 101.0])
    clock = WallClock(lambda: next(told))
    assert [clock.now() for _ in range(3)] == [100.0, 100.0, 101.0]
    clock.hear(1e12)


def test_a_played_hospital_is_as_late_as_its_latest_message_and_runs_on_at_its_speed() -> None:
    wall = [0.0]
    clock = FeedClock(1000.0, speed=60.0, wall=lambda: wall[0])
    wall[0] = 1.0
    assert clock.now() == 1060.0
    clock.hear(5000.0)
    assert clock.now() == 5000.0
    clock.hear(4000.0)
    wall[0] = 2.0
    assert clock.now() == 5060.0
