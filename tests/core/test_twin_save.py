"""A saved twin loads and goes on bit-equal; a damaged save says so."""

import json
import os
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.core.conftest import SUBJECT, make_twin, observations, seen

from twinward.core import Subject, Twin
from twinward.errors import CorruptSave
from twinward.models.random_walk import RandomWalk

TMP = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@TMP
@given(st.lists(observations, max_size=10), st.lists(observations, max_size=5))
def test_a_saved_twin_goes_on_bit_equal(tmp_path, before, after):
    twin = make_twin(*before)
    twin.save(tmp_path / "t.twin")
    loaded = Twin.load(tmp_path / "t.twin", RandomWalk())
    assert (loaded.digest(), len(loaded), loaded.time) == (twin.digest(), len(twin), twin.time)
    assert twin.observe(after) == loaded.observe(after)
    assert loaded.digest() == twin.digest()
    for instant in (900.0, 1800.0):
        assert loaded.belief_at(instant).digest() == twin.belief_at(instant).digest()
    assert loaded.forecast("1 h", at=4000.0).data.identical(twin.forecast("1 h", at=4000.0).data)


def test_everything_about_the_twin_comes_back(tmp_path):
    twin = Twin(RandomWalk(), Subject("Thing/1", "it", "Ward/1", {"age": 3.0}), members=9, seed=2, window="2 h")
    for i in range(100):
        twin.observe(seen(600.0 * (i + 1), 1.0))
    twin.save(tmp_path / "t.twin")
    loaded = Twin.load(str(tmp_path / "t.twin"), RandomWalk())
    assert (loaded.subject, loaded.members, loaded.seed, loaded.window) == (twin.subject, 9, 2, 7200.0)
    found = [t.observe([seen(60.0, 1.0), seen(59_000.0, 2.0)]) for t in (twin, loaded)]
    assert found[0] == found[1] and found[0].quarantined == 1
    assert loaded.digest() == twin.digest()


def test_damage_anywhere_is_told_or_harmless(tmp_path, twin):
    path = tmp_path / "t.twin"
    twin.save(path)
    whole = path.read_bytes()
    hurt = 0
    for i in range(0, len(whole), 7):
        path.write_bytes(whole[:i] + bytes([whole[i] ^ 0x55]) + whole[i + 1 :])
        try:
            assert Twin.load(path, RandomWalk()).digest() == twin.digest()
        except CorruptSave:
            hurt += 1
    assert hurt > len(whole) / 7 / 2


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_short_is_told(tmp_path, twin, share):
    path = tmp_path / "t.twin"
    twin.save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(CorruptSave):
        Twin.load(path, RandomWalk())


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x05\x06" + b"\0" * 18])
def test_other_files_are_told(tmp_path, content):
    path = tmp_path / "t.twin"
    path.write_bytes(content)
    with pytest.raises(CorruptSave):
        Twin.load(path, RandomWalk())


@pytest.mark.parametrize("change", [{"format": 99}, {"kind": "heart"}, {"members": None}, {"checkpoints": 3},
                                    {"subject": {"id": "a", "shoe": 3}}])  # fmt: skip
def test_a_head_that_does_not_fit_is_told(tmp_path, twin, change):
    path = tmp_path / "t.twin"
    twin.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["twin.json"] = json.dumps(json.loads(parts["twin.json"]) | change).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    with pytest.raises(CorruptSave):
        Twin.load(path, RandomWalk())


def test_another_version_of_the_model_is_told(tmp_path, twin):
    twin.save(tmp_path / "t.twin")
    with pytest.raises(CorruptSave, match=r"random_walk 1-1-10.*random_walk 1-2-10"):
        Twin.load(tmp_path / "t.twin", RandomWalk(drift_sd=2.0))


def test_no_file_is_no_damage(tmp_path):
    with pytest.raises(FileNotFoundError):
        Twin.load(tmp_path / "nowhere.twin", RandomWalk())


def test_a_save_is_on_the_disk_before_it_takes_the_old_ones_place(tmp_path, twin, monkeypatch):
    path, calls = tmp_path / "t.twin", []
    real_sync, real_replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (calls.append("sync"), real_sync(handle)))
    monkeypatch.setattr(os, "replace", lambda *a, **k: (calls.append("rename"), real_replace(*a, **k)))
    twin.save(path)
    assert calls == ["sync", "rename", "sync"]
    assert [file.name for file in tmp_path.iterdir()] == ["t.twin"]
    assert Twin.load(path, RandomWalk()).subject.id == SUBJECT


def test_a_save_that_fails_leaves_the_old_one(tmp_path, twin, monkeypatch):
    path = tmp_path / "t.twin"
    twin.save(path)
    before = path.read_bytes()
    twin.observe(seen(2400.0, 9.0))

    def full(handle):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        twin.save(path)
    assert path.read_bytes() == before
