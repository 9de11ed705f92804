"""How the hospital's systems reach a receiver: MLLP, HTTP and MQTT, each with patience when it is not there."""

from twinward.demo.wire.base import Outlet, Tally
from twinward.demo.wire.http import HttpOutlet
from twinward.demo.wire.mllp import MllpOutlet
from twinward.demo.wire.mqtt import MqttOutlet

__all__ = ["HttpOutlet", "MllpOutlet", "MqttOutlet", "Outlet", "Tally"]
