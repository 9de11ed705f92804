"""A configuration is right, or the error names the place and what would be right."""

from importlib.resources import files
from pathlib import Path

import pytest

from twinward.errors import BadInput
from twinward.live.config import Config, load, parse

TWIN = {"kind": "hospital", "subject": "Organization/1"}


def test_the_configuration_of_the_reference_hospital_can_be_read() -> None:
    config = load(Path(str(files("twinward") / "demo" / "live.toml")))
    assert config.twins[0].kind == "hospital" and len(config.twins[0].rules) >= 5
    assert config.http.host == "127.0.0.1" and config.mllp is not None


def test_without_anything_said_it_listens_to_this_machine_alone() -> None:
    config = Config()
    assert (config.http.host, config.journal, config.clock) == ("127.0.0.1", "journal.db", "wall")
    assert parse({"mllp": {}}).mllp.host == "127.0.0.1"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"colour": "red"}, "colour"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"http": {"port": 70_000}}, "http.port"),
        ({"twins": [{"kind": "hospital"}]}, "twins.0"),
        ({"twins": [TWIN | {"each": "Patient"}]}, "twins.0"),
        ({"twins": [TWIN | {"subject": "the hospital"}]}, "twins.0.subject"),
        ({"twins": [TWIN, TWIN]}, "twins"),
        ({"twins": [TWIN | {"horizon": "soon"}]}, "twins.0.horizon"),
        ({"twins": [TWIN | {"rules": [{"name": "x", "when": "often"}]}]}, "twins.0.rules.0"),
        ({"mqtt": [{"host": "broker", "topics": []}]}, "mqtt.0.topics"),
        ({"speed": 0}, "speed"),
        ({"workers": -1}, "workers"),
    ],
)
def test_what_is_wrong_is_named(given: dict, named: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse(given)
    assert str(refused.value).startswith(named)


def test_a_file_that_is_not_there_or_no_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("name = ")
    for path in (tmp_path / "none.toml", tmp_path / "broken.toml"):
        with pytest.raises(BadInput, match=path.name):
            load(path)
