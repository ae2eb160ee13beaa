"""What runs of one worker share."""

from datetime import UTC, datetime

from core.model import Run, RunStatus
from core.services.labelling.common import Common


def run(host="openai", **limits):
    when = datetime(2026, 11, 21, tzinfo=UTC)
    return Run(1, 1, 1, RunStatus.RUNNING, 10, 0, 0, when, config={"host": host, **limits})


def test_a_host_without_limits_has_no_meter():
    assert Common().meter(run()) is None


def test_runs_of_one_host_share_its_meter_and_other_hosts_have_their_own():
    common = Common()
    meter = common.meter(run(requests_per_minute=60))
    assert meter is not None
    assert common.meter(run(requests_per_minute=60)) is meter
    assert common.meter(run("groq", requests_per_minute=60)) is not meter


def test_limits_that_were_changed_are_the_limits_from_then_on():
    common = Common()
    meter = common.meter(run(requests_per_minute=60))
    changed = common.meter(run(requests_per_minute=60, tokens_per_minute=1000))
    assert changed is not meter
    assert common.meter(run(requests_per_minute=60, tokens_per_minute=1000)) is changed
