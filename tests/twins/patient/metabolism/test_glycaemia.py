"""Consensus measures of a glucose trace against numbers worked by hand."""

import numpy as np

from twinward.twins.patient.metabolism import glycaemia as g

_TRACE = np.array([[50.0, 65.0, 70.0, 180.0, 181.0, 251.0, 100.0, 120.0]])


def test_shares_of_time() -> None:
    assert g.time_within(_TRACE, 70.0, 180.0).tolist() == [50.0]
    assert g.time_below(_TRACE, 70.0).tolist() == [25.0] and g.time_below(_TRACE, 54.0).tolist() == [12.5]
    assert g.time_above(_TRACE, 180.0).tolist() == [25.0] and g.time_above(_TRACE, 250.0).tolist() == [12.5]


def test_management_indicator_of_the_published_example() -> None:
    # Bergenstal 2018, table 1: mean 150 mg/dL is 6.9 %, 200 mg/dL is 8.1 %
    assert np.round(g.management_indicator(np.array([[150.0, 150.0], [200.0, 200.0]])), 1).tolist() == [6.9, 8.1]


def test_variation_is_sd_over_mean() -> None:
    assert np.allclose(g.variation(np.array([90.0, 110.0])), 100.0 * np.sqrt(200.0) / 100.0)
