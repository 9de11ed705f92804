"""Send what happens in the reference hospital to a receiver: first the past as fast as it is taken, then live.

python -m twinward.demo.send --mllp 127.0.0.1:2575 --start 2026-01-19T00:00:00+01:00 --days-before 12 --speed 60
"""

import argparse
import asyncio
import contextlib
import signal
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from twinward.demo.protocol import Outgoing, Settings, outgoing
from twinward.demo.wire import HttpOutlet, MllpOutlet, MqttOutlet, Outlet, Tally

_FOREVER = 3650.0  # days
_TELL_EVERY = 5.0  # seconds of the wall


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where things are sent.

    Args:
        mllp: host and port for HL7.
        tls: how MLLP is encrypted; None: not at all.
        fhir: base address for Bundles; "": no Bundles are sent, their content goes out as HL7.
        token: bearer token for FHIR.
        mqtt: host and port of a broker; None: devices are silent.
        mqtt_login: user and password at the broker.
    """

    mllp: tuple[str, int]
    tls: ssl.SSLContext | None = None
    fhir: str = ""
    token: str = ""
    mqtt: tuple[str, int] | None = None
    mqtt_login: tuple[str | None, str | None] = (None, None)


class Sender:
    """Sends one run of the hospital.

    Args:
        settings: what is sent; `fhir_unit` and `mqtt` hold only where the receiver takes them.
        receiver: where to.
        speed: hospital seconds a wall second, once the past is sent; `inf`: no pacing at all.
        report: is told how far it is, a line at a time.
        clock: the wall's seconds.
    """

    def __init__(
        self,
        settings: Settings,
        receiver: Receiver,
        *,
        speed: float = 60.0,
        report: Callable[[str], None] = print,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        unit = (settings.fhir_unit or "ICU") if receiver.fhir else ""
        self.settings = replace(settings, fhir_unit=unit, mqtt=receiver.mqtt is not None)
        self._receiver, self._speed, self._report, self._clock = receiver, speed, report, clock
        self._told = -_TELL_EVERY
        self._outlets: dict[str, Outlet] = {}

    @property
    def tally(self) -> dict[str, Tally]:
        """What became of the messages, by channel."""
        return {channel: outlet.tally for channel, outlet in self._outlets.items()}

    async def run(self) -> dict[str, Tally]:
        """Send everything up to `start + days`; returns when all of it was answered."""
        self._open()
        try:
            began = self._clock()
            messages = outgoing(self.settings)
            first = await self._past(messages)
            await self._outlets["hl7"].flush()
            self._report(f"the past is sent in {self._clock() - began:.1f} s: {self._counts()}")
            if first is not None:
                await self._live(first, messages)
            for outlet in self._outlets.values():
                await outlet.flush()
            self._report(f"the end: {self._counts()}")
        finally:
            for outlet in self._outlets.values():
                await outlet.close()
        return self.tally

    def _open(self) -> None:
        to = self._receiver
        self._outlets = {"hl7": MllpOutlet(*to.mllp, tls=to.tls, report=self._report)}
        if to.fhir:
            self._outlets["fhir"] = HttpOutlet(to.fhir, to.token, report=self._report)
        if to.mqtt is not None:
            self._outlets["mqtt"] = MqttOutlet(*to.mqtt, *to.mqtt_login, report=self._report)

    async def _past(self, messages: Iterator[Outgoing]) -> Outgoing | None:
        for message in messages:
            if message.time >= self.settings.start:
                return message
            await self._outlets[message.channel].send(message)
            self._tell(message.time)
        return None

    async def _live(self, first: Outgoing, messages: Iterator[Outgoing]) -> None:
        """Late messages go at once: after a pause of the receiver, the hospital catches up with its clock."""
        began = self._clock()
        message: Outgoing | None = first
        while message is not None:
            due = began + (message.time - self.settings.start) / self._speed
            wait = due - self._clock()
            if wait > 0:
                await asyncio.sleep(wait)
            await self._outlets[message.channel].send(message)
            self._tell(message.time)
            message = next(messages, None)

    def _tell(self, now: float) -> None:
        if self._clock() - self._told >= _TELL_EVERY:
            self._told = self._clock()
            at = datetime.fromtimestamp(now, UTC)
            self._report(f"hospital time {at:%Y-%m-%d %H:%M} UTC: {self._counts()}")

    def _counts(self) -> str:
        return "; ".join(
            f"{channel} {tally.accepted} accepted, {tally.refused} refused" for channel, tally in self.tally.items()
        )


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    given = _parser().parse_args(arguments)
    settings = Settings(
        start=given.start, days_before=given.days_before, days=given.days, seed=given.seed,
        full_days=given.full_days, fhir_unit=given.fhir_unit,
    )  # fmt: skip
    login: tuple[str | None, str | None] = (None, None)
    if given.mqtt_login_file:
        user, _, password = given.mqtt_login_file.read_text(encoding="utf-8").strip().partition(":")
        login = (user, password)
    receiver = Receiver(
        given.mllp,
        ssl.create_default_context(cafile=given.tls_ca) if given.tls_ca else None,
        given.fhir or "",
        given.token_file.read_text(encoding="utf-8").strip() if given.token_file else "",
        given.mqtt,
        login,
    )
    return asyncio.run(_until_stopped(Sender(settings, receiver, speed=given.speed, report=_say)))


async def _until_stopped(sender: Sender) -> int:
    running = asyncio.create_task(sender.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, running.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await running
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m twinward.demo.send", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--mllp", type=_address, required=True, metavar="HOST:PORT", help="receiver of HL7 v2.5.1 over MLLP")
    add("--tls-ca", metavar="FILE", help="MLLP over TLS; the certificate that signs the receiver's")
    add("--fhir", metavar="URL", help="FHIR base: vital signs of one unit go there as Bundles")
    add("--fhir-unit", default="ICU", metavar="UNIT", help="that unit (default: ICU)")
    add("--token-file", type=Path, metavar="FILE", help="bearer token for FHIR")
    add("--mqtt", type=_address, metavar="HOST:PORT", help="broker for meters and ventilators")
    add("--mqtt-login-file", type=Path, metavar="FILE", help="user:password at the broker")
    add("--start", type=_instant, required=True, metavar="ISO", help="what is now, with an offset; before is the past")
    add("--days-before", type=float, default=12.0, help="the hospital opens, empty, so long before (default: 12)")
    add("--full-days", type=float, default=2.0, help="before the start with complete vital signs (default: 2)")
    add("--days", type=float, default=_FOREVER, help="how long it goes on after the start (default: ten years)")
    add("--speed", type=_speed, default=60.0, help="hospital seconds a second (default: 60; inf: as fast as taken)")
    add("--seed", type=int, default=1, help="the same seed sends the same bytes (default: 1)")
    return parser


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise argparse.ArgumentTypeError(f"got {text!r}, expected HOST:PORT")
    return host.strip("[]"), int(port)


def _instant(text: str) -> float:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"got {text!r}, expected ISO 8601") from None
    if at.tzinfo is None:
        raise argparse.ArgumentTypeError(f"got {text!r}, expected a time with an offset, such as ...T00:00:00+01:00")
    return at.timestamp()


def _speed(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"got {text!r}, expected a number above 0")
    return value


if __name__ == "__main__":
    sys.exit(main())
