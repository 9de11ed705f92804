"""The connection to a broker: a persistent session, messages taken but not acknowledged until we say so.

paho is used directly: its manual acknowledgement is what durability needs, and aiomqtt does not pass it on.
"""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from twinward.errors import BadInput


@dataclass(frozen=True, slots=True)
class Broker:
    """Where a broker is and who we are to it.

    Args:
        host, port: 1883 is usual, 8883 with TLS.
        client_id: by which the broker knows our session; it must stay the same, and no other client may use it.
        version: of MQTT.
        ca_file: certificate that signs the broker's; None: no TLS.
        certificate, key: ours, where the broker asks for one.
        login_file: a file that holds "user:password"; None: we need not say who we are.
        session_seconds: for how long the broker keeps what comes while we are away (MQTT 5; 3.1.1 brokers decide).
        at_once: messages that the broker may send before the first is acknowledged (MQTT 5).
    """

    host: str
    port: int = 1883
    client_id: str = "twinward"
    version: Literal["3.1.1", "5"] = "5"
    ca_file: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    login_file: Path | None = None
    session_seconds: int = 7 * 86400
    at_once: int = 500

    def __post_init__(self) -> None:
        if not self.client_id:
            raise BadInput("client_id", self.client_id, "a name that stays the same: it is how the session is found")
        if self.version not in ("3.1.1", "5"):
            raise BadInput("MQTT version", self.version, "3.1.1 or 5")
        if not 1 <= self.at_once <= 65535:
            raise BadInput("at_once", self.at_once, "1..65535")


class Came(NamedTuple):
    """A published message, not yet acknowledged.

    Args:
        topic, payload: as published.
        retained: kept by the broker since before we subscribed.
        receipt: what `acknowledge` takes.
    """

    topic: str
    payload: bytes
    retained: bool
    receipt: tuple[int, int, int]


class Link:
    """Keeps the connection; paho's thread does the network and hands over to the loop.

    Args:
        broker: where.
        filters: topics to subscribe to, with QoS 1.
        came: is called, in the loop, with each message.
        changed: is called, in the loop, with whether we are connected and why not.
    """

    def __init__(
        self,
        broker: Broker,
        filters: Sequence[str],
        came: Callable[[Came], None],
        changed: Callable[[bool, str], None],
    ) -> None:
        self._broker, self._filters = broker, list(dict.fromkeys(filters))
        self._came, self._changed = came, changed
        self._loop = asyncio.get_running_loop()
        self._connection = 0  # receipts of an earlier connection are void: the broker sends those messages again
        self._refusal = ""
        self._client = self._made()

    def open(self) -> None:
        """Begin; returns at once, and the connection is made and made again in the background."""
        five = self._broker.version == "5"
        given: dict[str, Any] = {}
        if five:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = self._broker.session_seconds
            properties.ReceiveMaximum = self._broker.at_once
            given = {"clean_start": False, "properties": properties}
        self._client.connect_async(self._broker.host, self._broker.port, keepalive=30, **given)
        self._client.loop_start()

    async def close(self) -> None:
        """Disconnect; the session stays with the broker."""
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)

    def acknowledge(self, receipt: tuple[int, int, int]) -> None:
        """Tell the broker that it may forget a message."""
        connection, mid, qos = receipt
        if qos and connection == self._connection:
            self._client.ack(mid, qos)

    def _made(self) -> paho.Client:
        broker = self._broker
        five = broker.version == "5"
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=broker.client_id,
            protocol=paho.MQTTv5 if five else paho.MQTTv311,
            clean_session=None if five else False,
            manual_ack=True,
        )
        if broker.login_file is not None:
            client.username_pw_set(*_login(broker.login_file))
        if broker.ca_file is not None:
            context = ssl.create_default_context(cafile=str(broker.ca_file))
            if broker.certificate is not None:
                context.load_cert_chain(broker.certificate, broker.key)
            client.tls_set_context(context)
        client.reconnect_delay_set(min_delay=1, max_delay=10)
        client.on_connect, client.on_connect_fail = self._on_connect, self._on_connect_fail
        client.on_disconnect, client.on_message = self._on_disconnect, self._on_message
        client.on_subscribe = self._on_subscribe
        return client

    # What follows runs in paho's thread.

    def _on_connect(self, client: paho.Client, _: Any, flags: Any, reason: Any, __: Any) -> None:
        if reason.is_failure:
            self._refusal = f"the broker refuses us: {reason}"
            self._say(False, self._refusal)
            return
        self._refusal = ""
        self._connection += 1
        if flags.session_present:  # still subscribed; what was kept for us comes before the broker's SUBACK
            self._say(True, "")
        client.subscribe([(topic, 1) for topic in self._filters])

    def _on_subscribe(self, _: paho.Client, __: Any, ___: int, reasons: Sequence[Any], ____: Any) -> None:
        refused = [
            f"{topic} ({reason})" for topic, reason in zip(self._filters, reasons, strict=False) if reason.is_failure
        ]
        self._say(True, f"the broker refuses topics: {', '.join(refused)}" if refused else "")

    def _on_connect_fail(self, _: paho.Client, __: Any) -> None:
        self._say(False, f"no broker at {self._broker.host}:{self._broker.port}")

    def _on_disconnect(self, _: paho.Client, __: Any, ___: Any, reason: Any, ____: Any) -> None:
        self._say(False, self._refusal or f"disconnected: {reason}")

    def _on_message(self, _: paho.Client, __: Any, message: paho.MQTTMessage) -> None:
        receipt = (self._connection, message.mid, message.qos)
        came = Came(message.topic, bytes(message.payload), bool(message.retain), receipt)
        self._loop.call_soon_threadsafe(self._came, came)

    def _say(self, connected: bool, why: str) -> None:
        self._loop.call_soon_threadsafe(self._changed, connected, why)


def _login(file: Path) -> tuple[str, str | None]:
    try:
        user, colon, password = file.read_text(encoding="utf-8").strip().partition(":")
    except OSError as error:
        raise BadInput("login_file", str(file), f"a readable file that holds user:password ({error})") from None
    if not user:
        raise BadInput("login_file", str(file), "a file that holds user:password")
    return user, password if colon else None
