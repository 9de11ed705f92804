"""What a running system is made of: a TOML file, checked when it is read."""

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from twinward.core import times
from twinward.errors import BadInput
from twinward.live.rules import Rule, rule


def _duration(text: str | float) -> str | float:
    times.seconds(text)
    return text


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("an IANA zone such as Europe/Amsterdam")
    return name


def _reference(text: str) -> str:
    if text and not re.fullmatch(r"[A-Z][A-Za-z]+/[^/\s]+", text):
        raise ValueError("a reference such as Organization/hospital-1")
    return text


Duration = Annotated[str | float, AfterValidator(_duration)]
Port = Annotated[int, Field(ge=0, le=65535)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TlsFiles(_Part):
    """Certificate chain and private key, PEM."""

    certificate: Path
    key: Path


class Http(_Part):
    """The pages and the API."""

    host: str = "127.0.0.1"
    port: Port = 8080
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    tls: TlsFiles | None = None
    insecure: bool = False


class Mllp(_Part):
    """HL7 v2 over MLLP."""

    host: str = "127.0.0.1"
    port: Port = 2575  # IANA: hl7, "HL7 over LLP"
    tls: TlsFiles | None = None
    insecure: bool = False
    zone: Annotated[str, AfterValidator(_zone)] = "UTC"


class Topic(_Part):
    """One rule of an MQTT feed, as `twinward.connect.mqtt.TopicRule` has it."""

    name: str
    topic: str
    subject: str
    signal: str
    unit: str = ""
    value: str = ""
    time: str = ""
    time_unit: Literal["s", "ms"] = "s"
    unit_path: str = ""
    id: str = ""
    text: bool = False


class Mqtt(_Part):
    """A broker to listen to, as `twinward.connect.mqtt.Broker` has it."""

    host: str
    port: Port = 1883
    client_id: str = "twinward"
    version: Literal["3.1.1", "5"] = "5"
    ca_file: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    login_file: Path | None = None
    topics: Annotated[tuple[Topic, ...], Field(min_length=1)]


class Folder(_Part):
    """A folder to watch."""

    path: Path
    zone: Annotated[str, AfterValidator(_zone)] = "UTC"


class AlertRule(_Part):
    """One rule and what to do when nobody acts."""

    name: str
    when: str
    severity: Literal["info", "warning", "critical"] = "warning"
    escalate_after: Duration = "30 min"

    @model_validator(mode="after")
    def _readable(self) -> "AlertRule":
        self.rule()
        return self

    def rule(self) -> Rule:
        """The rule, read."""
        return rule(self.when, self.name, self.severity)


class Twins(_Part):
    """Twins of one kind.

    Args:
        kind: of an installed kind.
        subject: reference of the one subject; or
        each: a resource type, every subject of which gets a twin when it is first heard of ("Patient").
        options: of the kind's model.
        members, seed, window: as of `Twin`.
        horizon, step, every: of its forecasts; without `horizon` none are made unless asked for.
        rules: alerts on its forecasts.
        leads: at which forecasts are kept to be scored.
    """

    kind: str
    subject: Annotated[str, AfterValidator(_reference)] = ""
    each: Annotated[str, Field(pattern="^[A-Z][A-Za-z]+$")] | Literal[""] = ""
    options: dict[str, Any] = {}
    members: Annotated[int, Field(ge=1, le=100_000)] = 200
    seed: int = 0
    window: Duration = "60 d"
    horizon: Duration | None = None
    step: Duration = "1 h"
    every: Duration = "1 h"
    sample: Duration = "15 min"
    leads: tuple[Duration, ...] = ()
    rules: tuple[AlertRule, ...] = ()

    @model_validator(mode="after")
    def _one_of(self) -> "Twins":
        if bool(self.subject) == bool(self.each):
            raise ValueError("exactly one of subject and each")
        return self


class Config(_Part):
    """A running system.

    Args:
        name: what people call it.
        zone: of the pages.
        journal: a file (relative to the home folder) or "postgresql://...".
        clock: "wall", or "feed": as late as the latest message, running on at `speed`.
        workers: processes for forecasts and rehearsals; 0 does them in a thread of this one (small installations).
    """

    name: str = "Twinward"
    zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    journal: str = "journal.db"
    clock: Literal["wall", "feed"] = "wall"
    speed: Annotated[float, Field(gt=0, le=100_000)] = 1.0
    workers: Annotated[int, Field(ge=0, le=64)] = 2
    http: Http = Http()
    mllp: Mllp | None = None
    mqtt: tuple[Mqtt, ...] = ()
    folder: tuple[Folder, ...] = ()
    twins: tuple[Twins, ...] = ()

    @field_validator("twins")
    @classmethod
    def _each_once(cls, twins: tuple[Twins, ...]) -> tuple[Twins, ...]:
        subjects = [one.subject for one in twins if one.subject]
        if len(set(subjects)) < len(subjects):
            raise ValueError("one twin a subject")
        return twins

    @property
    def time_zone(self) -> ZoneInfo:
        """Of the pages."""
        return ZoneInfo(self.zone)


def load(path: Path | str) -> Config:
    """Read and check a configuration.

    Raises:
        BadInput: naming the field, what was found and what was expected.
    """
    path = Path(path)
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(str(path), str(error), "a readable TOML file") from error
    return parse(given)


def parse(given: dict[str, Any]) -> Config:
    """Check a configuration that was read.

    Example:
        >>> parse({"twins": [{"kind": "hospital", "subject": "Organization/1"}]}).http.port
        8080
    """
    try:
        return Config.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "configuration"
        words = first["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
        expected = "a key that there is" if first["type"] == "extra_forbidden" else words
        raise BadInput(field, first.get("input"), expected) from error
