"""The registry: only what was planned is promoted, all is told, nothing told can be changed, back in a second."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from twinward.errors import BadFile, BadInput, CorruptSave
from twinward.inference.registry import (
    Audit,
    OutsidePlan,
    Proposal,
    Registry,
    load_plan,
    parse_plan,
    recalibration_plan,
)

GOOD = {"evidence that corrected forecasts are worse": 0.4, "largest move of a chance": 0.2}


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    made = Registry.create(tmp_path / "risk", recalibration_plan(), when=0.0)
    made.install(made.register(b"one", {"brier": 0.126}, when=1.0), when=2.0)
    return made


def propose(**changed: float) -> Proposal:
    return Proposal("recalibrate", GOOD | changed, labels=800)


def test_what_the_plan_allows_is_promoted_and_told(registry: Registry) -> None:
    second = registry.register(b"two", {}, when=3.0)
    assert registry.promote(second, propose(), when=4.0).allowed
    assert registry.champion == second and registry.artefact(second) == b"two"
    last = registry.history[-1]
    assert last.what == "promote" and last.details["measured"]["largest move of a chance"] == 0.2


@pytest.mark.parametrize(
    ("proposal", "reason"),
    [
        (propose(**{"largest move of a chance": 0.3}), "largest move of a chance is 0.3"),
        (propose(**{"largest move of a chance": float("nan")}), "was not measured"),
        (Proposal("recalibrate", {}, 800), "was not measured"),
        (Proposal("recalibrate", GOOD, 20), "rests on 20 labels"),
        (Proposal("another use", GOOD, 800), "not in the plan"),
        (Proposal("retrain", {"evidence that the Brier score is smaller": 200.0, "expected calibration error": 0.01,
                              "area under the curve, the worst subgroup's change": 0.0}, 3000), "approval"),
    ],
)  # fmt: skip
def test_what_it_does_not_is_refused_and_the_refusal_kept(registry: Registry, proposal: Proposal, reason: str) -> None:
    first, second = registry.champion, registry.register(b"two", {}, when=3.0)
    with pytest.raises(OutsidePlan, match=reason):
        registry.promote(second, proposal, when=4.0)
    assert registry.champion == first
    assert registry.history[-1].what == "refuse" and reason in "\n".join(registry.history[-1].details["reasons"])


def test_an_approved_retraining_is_promoted_as_often_as_planned(registry: Registry) -> None:
    measured = {"evidence that the Brier score is smaller": 200.0, "expected calibration error": 0.01,
                "area under the curve, the worst subgroup's change": 0.0}  # fmt: skip
    for turn in range(5):
        version = registry.register(f"retrained {turn}".encode(), {}, when=10.0 + turn)
        proposal = Proposal("retrain", measured, 3000, approved_by="A. Person")
        if turn < 4:
            registry.promote(version, proposal, when=20.0 + turn)
        else:
            with pytest.raises(OutsidePlan, match="planned at most 4"):
                registry.promote(version, proposal, when=20.0 + turn)


def test_rollback_takes_less_than_a_second_and_survives_a_restart(registry: Registry) -> None:
    first = registry.champion
    large = registry.register(os.urandom(20_000_000), {}, when=3.0)
    registry.promote(large, propose(), when=4.0)
    for turn in range(60):  # a long history
        registry.audit.append(5.0, "note", {"turn": turn})
    began = time.perf_counter()
    back = Registry.open(registry.folder).rollback("alarm of drift", when=6.0)
    spent = time.perf_counter() - began
    assert back == first and spent < 1.0
    assert Registry.open(registry.folder).champion == first
    assert registry.champion == first  # an older handle sees it, too


def test_rollbacks_go_back_one_by_one_and_not_before_the_first(registry: Registry) -> None:
    first = registry.champion
    second, third = (registry.register(name, {}, when=3.0) for name in (b"two", b"three"))
    registry.promote(second, propose(), when=4.0)
    registry.promote(third, propose(), when=5.0)
    assert registry.rollback("no better", when=6.0) == second
    assert registry.rollback("no better either", when=7.0) == first
    with pytest.raises(BadInput, match="had one before"):
        registry.rollback("more", when=8.0)


def test_a_changed_line_is_found(registry: Registry) -> None:
    path = registry.folder / "audit.jsonl"
    path.write_text(path.read_text().replace("0.126", "0.120"))
    with pytest.raises(CorruptSave, match="line 2"):
        Registry.open(registry.folder)


def test_a_line_that_is_taken_out_is_found(registry: Registry) -> None:
    path = registry.folder / "audit.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:1] + lines[2:]))
    with pytest.raises(CorruptSave, match="line 2"):
        Registry.open(registry.folder)


def test_a_changed_plan_is_found(registry: Registry) -> None:
    path = registry.folder / "plan.json"
    told = json.loads(path.read_text())
    told["modifications"]["recalibrate"]["protocol"]["labels"] = 1
    path.write_text(json.dumps(told))
    with pytest.raises(CorruptSave, match="plan"):
        Registry.open(registry.folder)


def test_changed_bytes_are_found_and_never_rolled_back_to(registry: Registry) -> None:
    first, second = registry.champion, registry.register(b"two", {}, when=3.0)
    registry.promote(second, propose(), when=4.0)
    (registry.folder / "versions" / first).write_bytes(b"forged")
    with pytest.raises(CorruptSave, match="bytes"):
        registry.artefact(first)
    with pytest.raises(CorruptSave, match="bytes"):
        registry.rollback("alarm", when=5.0)
    assert registry.champion == second


def test_a_line_that_a_crash_cut_short_was_never_acknowledged(registry: Registry) -> None:
    path = registry.folder / "audit.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"number": 3, "when"')
    again = Registry.open(registry.folder)
    assert again.champion == registry.champion and path.read_bytes() == whole
    again.register(b"two", {}, when=3.0)
    assert len(Registry.open(registry.folder).history) == 4


def test_two_processes_add_to_one_audit(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    Audit(path)
    text = (
        "import sys; from pathlib import Path; from twinward.inference.registry import Audit\n"
        "audit = Audit(Path(sys.argv[1]))\n"
        "for turn in range(15): audit.append(float(turn), sys.argv[2], {})\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", text, str(path), name]) for name in ("a", "b")]
    assert [one.wait(60) for one in running] == [0, 0]
    assert sorted(one.what for one in Audit(path).entries) == ["a"] * 15 + ["b"] * 15


def test_what_another_process_did_is_seen(registry: Registry) -> None:
    other = Registry.open(registry.folder)
    second = other.register(b"two", {}, when=3.0)
    registry.promote(second, propose(), when=4.0)  # registered elsewhere
    assert other.champion == second and other.artefact(second) == b"two"
    registry.rollback("alarm", when=5.0)
    assert other.champion != second


def test_the_same_bytes_are_kept_once(registry: Registry) -> None:
    count = len(registry.history)
    assert registry.register(b"one", {"brier": 0.1}, when=9.0) == registry.champion
    assert len(registry.history) == count


def test_only_what_is_registered_and_not_in_use_can_be_promoted(registry: Registry) -> None:
    with pytest.raises(BadInput, match="registered"):
        registry.promote("0" * 64, propose(), when=3.0)
    with pytest.raises(BadInput, match="in use"):
        registry.promote(registry.champion, propose(), when=3.0)
    with pytest.raises(BadInput, match="in use already"):
        registry.install(registry.champion, when=3.0)


def test_a_registry_is_made_once_and_found_where_it_is(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="without a registry"):
        Registry.create(registry.folder, recalibration_plan(), when=9.0)
    with pytest.raises(BadInput, match="with a registry"):
        Registry.open(tmp_path / "nowhere")


def test_a_plan_must_say_everything_and_nothing_else(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="use: Field required"):
        parse_plan('model = "risk"\nmodifications = {}')
    with pytest.raises(BadFile, match="not TOML"):
        parse_plan("model =")
    with pytest.raises(BadInput, match="change control plan"):
        load_plan(tmp_path / "none.toml")
    text = recalibration_plan().model_dump_json().replace('"automatic":true', '"automatic":true,"secret":1')
    with pytest.raises(ValueError, match="secret"):
        type(recalibration_plan()).model_validate_json(text)


def test_the_digest_of_a_plan_is_of_its_words() -> None:
    plan = recalibration_plan()
    assert plan.digest == recalibration_plan().digest
    assert plan.digest != plan.model_copy(update={"use": "another"}).digest
