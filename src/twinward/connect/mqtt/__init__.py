"""MQTT in: topics mapped to signals by rules that are data; acknowledged only after what came is durable."""

from twinward.connect.mqtt.feed import MqttFeed
from twinward.connect.mqtt.link import Broker
from twinward.connect.mqtt.rules import TopicRule

__all__ = ["Broker", "MqttFeed", "TopicRule"]
