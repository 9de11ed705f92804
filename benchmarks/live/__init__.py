"""The live hospital: durability, latency, throughput."""
