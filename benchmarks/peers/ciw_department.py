"""The emergency department in Ciw: four nodes, priority classes, blocking before the ward, reneging, a shift calendar.

As far as Ciw can: it serves the blocked in the order in which they came, not by priority (the mean wait for a bed over
all is the same), and at a change of shift those on duty finish with their patient beside those who come.
"""

import math

import ciw

from benchmarks.emergency import DAY, HOUR, WARD, Department, measures_of_visits
from benchmarks.peers.simpy_department import _gamma, _log

_CUBICLE_NODE = 3


def run(department: Department, seed: int) -> list[float]:
    """One replication; the measures."""
    d, until = department, department.days * DAY
    ciw.seed(seed)
    names = [f"P{k}" for k in range(5)]
    ends = [HOUR * (hour + 1) for hour in range(24)]
    none, to_exit = None, [0.0] * 4
    routes = [
        [0.0, d.imaged, 1 - d.imaged, 0.0],
        [0.0, 0.0, 1.0, 0.0],
        [0.0, 0.0, 0.0, d.admitted],
        to_exit,
    ]
    service = [
        ciw.dists.Lognormal(*_log(*d.triage)),
        ciw.dists.Gamma(*_gamma(*d.imaging)),
        ciw.dists.Gamma(*_gamma(*d.treatment)),
        ciw.dists.Lognormal(*_log(*d.stay)),
    ]
    network = ciw.create_network(
        arrival_distributions={
            name: [
                ciw.dists.PoissonIntervals([rate * share / HOUR for rate in d.hourly], ends, until),
                none,
                none,
                none,
            ]
            for name, share in zip(names, d.shares, strict=True)
        },
        service_distributions=dict.fromkeys(names, service),
        routing=dict.fromkeys(names, routes),
        number_of_servers=[ciw.Schedule(list(d.nurses), [8 * HOUR, DAY]), d.scanners, d.cubicles, d.beds],
        queue_capacities=[math.inf, math.inf, math.inf, 0],
        priority_classes={name: k for k, name in enumerate(names)},
        reneging_time_distributions={name: [none, none, ciw.dists.Exponential(1 / d.patience), none] for name in names},
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(until)
    visits = []
    for row in simulation.get_all_records():
        priority = int(row.customer_class[1])
        left = row.record_type == "renege"
        if row.node != WARD + 1:
            visits.append((row.node - 1, priority, row.arrival_date, row.service_start_date, left))
        if row.node == _CUBICLE_NODE and row.destination == WARD + 1:
            visits.append((WARD, priority, row.service_end_date, row.exit_date, False))
    arrived = simulation.nodes[0].number_of_individuals
    return measures_of_visits(visits, arrived)
