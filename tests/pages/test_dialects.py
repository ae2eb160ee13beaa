"""The Fine-tune page with each kind of host: parameters drawn, models deployed, paid by the hour, taken down."""

import pytest
from streamlit.testing.v1 import AppTest

from core.finetune.dialects import DIALECTS
from core.finetune.dialects.dialect import Deploys
from core.model import DeploymentStatus, FineTuneStatus
from core.services.hosts.connections import Hosts
from core.services.hosts.drafts import HostDraft
from core.services.hosts.models import ModelChoice
from core.storage import deployments, fine_tunes
from core.workbench import Workbench
from tests.pages.conftest import ROOT, OpenApp, Small, add_fine_tune, texts
from tests.pages.test_fine_tune import button

ADDRESS = "http://127.0.0.1:9/v1"
VENDORS = [name for name in DIALECTS if name != "embedded"]
BY = {how: [name for name in VENDORS if DIALECTS[name].deploys is how] for how in Deploys}


@pytest.fixture(autouse=True)
def _a_host_with_one_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hosts, "models", lambda self, key, project_id: [ModelChoice("base", "base")])


def tuned(wb: Workbench, small: Small, name: str) -> int:
    """A tuned model on such a host."""
    wb.hosts.add(name, HostDraft("The vendor", ADDRESS))
    job = add_fine_tune(wb, small, status=FineTuneStatus.SUCCEEDED, fine_tuned_model="ft:base:1", message="")
    with wb.db.write() as conn:
        config = {**wb.fine_tunes.get(job).config, "deploys": str(DIALECTS[name].deploys)}
        fine_tunes.record(conn, job, host=name, config=config, host_said='{"state": "JOB_STATE_COMPLETED"}')
        fine_tunes.record(conn, job, host_status="JOB_STATE_COMPLETED")
    return job


@pytest.mark.parametrize("name", VENDORS)
def test_the_form_draws_every_parameter_that_the_host_takes(
    name: str, app: OpenApp, wb: Workbench, small: Small
) -> None:
    wb.hosts.add(name, HostDraft("The vendor", ADDRESS))
    at = app("fine_tune", project=small.id, tune_host=name, new_fine_tune=1)
    at.toggle(key="tune_auto").set_value(False).run()
    assert not at.exception
    drawn = {one.label for one in (*at.number_input, *at.selectbox)}
    assert {one.title for one in DIALECTS[name].parameters_of("supervised").values()} <= drawn


@pytest.mark.parametrize("name", BY[Deploys.ASKED])
def test_a_model_is_deployed_at_its_price_and_not_run_before(
    name: str, app: OpenApp, wb: Workbench, small: Small
) -> None:
    job = tuned(wb, small, name)
    at = app("fine_tune", project=small.id)
    assert "cannot be called before it is deployed" in texts(at)
    assert not [one for one in at.button if one.label.startswith("Run it")]
    at.number_input(key=f"hourly-{job}").set_value(2.5).run()
    button(at, "Deploy").click().run()
    assert not at.exception
    [one] = wb.deployments.of(job)
    assert (one.status, one.hourly, one.called) == (DeploymentStatus.STARTING, 2.5, "")
    with wb.db.write() as conn:
        ago = one.created_at.timestamp() - 7200
        facts = {"status": DeploymentStatus.READY, "called": "vendor/mine", "host_status": "ACTIVE"}
        deployments.record(conn, one.id, billed_from=ago, **facts)
    at = app("fine_tune", project=small.id)
    said = texts(at)
    assert "Called as **vendor/mine**" in said and "ACTIVE" in said and "JOB_STATE_COMPLETED" in said
    assert "about $5.00 so far at $2.50 an hour" in said
    assert [one for one in at.button if one.label == "Run it on validation"]
    button(at, "Take down").click().run()
    assert wb.deployments.of(job)[0].status is DeploymentStatus.LEAVING


@pytest.mark.parametrize("name", BY[Deploys.BY_HAND])
def test_a_model_deployed_by_hand_is_told_by_its_name_and_the_command_is_there_to_copy(
    name: str, app: OpenApp, wb: Workbench, small: Small
) -> None:
    job = tuned(wb, small, name)
    at = app("fine_tune", project=small.id)
    commands = DIALECTS[name].commands
    assert commands is not None
    shown = [one.value for one in at.code if "--deployment-name" in one.value]
    assert len(shown) == (1 if commands.deploy else 0) and all("ft:base:1" in one for one in shown)
    at.text_input(key=f"deployed-{job}").set_value("mine").run()
    button(at, "It is deployed").click().run()
    [one] = wb.deployments.of(job)
    assert (one.status, one.called, one.hourly, one.by_hand) == (DeploymentStatus.READY, "mine", None, True)
    at = app("fine_tune", project=small.id)
    assert "at a price that is unknown" in texts(at)
    button(at, "It is taken down").click().run()
    assert wb.deployments.of(job)[0].status is DeploymentStatus.GONE


def test_every_page_reminds_of_what_stands_deployed(wb: Workbench, small: Small) -> None:
    job = tuned(wb, small, "azure")
    one = wb.deployments.say_deployed(job, "mine", hourly=3.0)
    with wb.db.write() as conn:
        deployments.record(conn, one.id, billed_from=one.created_at.timestamp() - 3600)
    assert "1 model deployed" in linked()
    wb.deployments.take_down(one.id)
    assert "deployed" not in linked()


def linked() -> str:
    """What the links of the shell say, which is around every page."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    return str([one.proto for one in at.get("page_link")])
