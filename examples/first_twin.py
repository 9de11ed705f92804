"""The loop in thirty lines: a level that drifts, seen now and then."""

from twinward import Observation, Twin
from twinward.models.random_walk import RandomWalk

twin = Twin(RandomWalk(drift_sd=1.0), "Thing/1", members=500, seed=1)

# Mirror. The last one arrives late; in whatever order they come, the belief is the same.
twin.observe(Observation("Thing/1", "level", "2026-03-01T08:00:00Z", 3.1))
twin.observe(Observation("Thing/1", "level", "2026-03-01T09:00:00Z", 3.9))
twin.observe(Observation("Thing/1", "level", "2026-03-01T08:30:00Z", 3.4))
print(f"now: {float(twin.estimate()['level'].mean()):.2f}")

# Forecast.
forecast = twin.forecast("8 h")
low, middle, high = forecast.quantile("level", [0.1, 0.5, 0.9]).isel(time=-1).to_numpy()
print(f"in 8 h: {middle:.2f} (80 %: {low:.2f} to {high:.2f})")
print(f"above 6 at some time: {forecast.probability('level', above=6):.0%}")
print(forecast.statement())

# Rehearse: the difference is certain although the level is not, because the futures share their luck.
comparison = twin.compare({"push": {"push": 0.5}}, horizon="8 h")
print(comparison.table()[["scenario", "difference", "low", "high"]].to_string(index=False))
