"""That benchmarks still run: they reach into what they measure, and `make bench` is seldom asked for."""

import pytest

from tests.benchmarks import measures, spans


@pytest.mark.parametrize("bench", [measures.agreeing, measures.agreeing_on_sets, spans.marking])
def test_a_benchmark_runs_and_tells_how_far_from_its_limit_we_are(bench):
    lines = bench(300)
    assert "300 items" in lines[0] and "times it   (aim" in lines[-1]
