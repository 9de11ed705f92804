"""Power cuts on a simulated disk: the journal loses nothing it acknowledged; less synced, it would."""

from pathlib import Path

from benchmarks.live.journal_power import power_cuts


def test_nothing_acknowledged_is_lost_at_a_power_cut(tmp_path: Path) -> None:
    toll = power_cuts({}, 60, tmp_path, seed=11)
    assert (toll.lost, toll.doubled, toll.damaged) == (0, 0, 0)
    assert toll.cuts == 60 and toll.acknowledged > 1000 and len(toll.files) == 2


def test_the_simulated_disk_does_lose_what_is_not_synced(tmp_path: Path) -> None:
    toll = power_cuts({"synchronous": "NORMAL"}, 20, tmp_path, seed=11)
    assert toll.lost > 0 and toll.damaged == 0
