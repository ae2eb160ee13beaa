"""A fine-tune on each kind of host in real Chromium: form, course, deploying, a run by the tuned model."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.finetune.dialects import DIALECTS
from core.finetune.dialects.dialect import Deploys
from core.services.hosts.drafts import HostDraft
from core.settings import Settings
from core.workbench import open_workbench
from tests.e2e.conftest import Server
from tests.e2e.test_hosts_and_runs import press, served
from tests.e2e.test_journeys import choose, data, no_trouble  # noqa: F401 - `data` is a fixture
from tests.fakes.vendors import VENDORS, VendorHost
from tests.fakes.vendors.world import KEY, KEY_VARIABLE
from tests.fakes.worlds import make_project, right_label

pytestmark = [pytest.mark.browser, pytest.mark.slow]

World = tuple[VendorHost, Server]


@pytest.fixture(params=VENDORS)
def world(request: pytest.FixtureRequest, data: Path, tmp_path: Path) -> Iterator[World]:  # noqa: F811
    """A small project, and one more host: the vendor's, on this machine."""
    settings = Settings.from_env({"LABELLOOP_DATA": str(data)})
    with VENDORS[request.param](right_label) as there:
        wb = open_workbench(settings)
        make_project(wb)
        wb.hosts.add(there.profile, HostDraft("The vendor", there.base_url, KEY_VARIABLE))
        wb.close()
        with served(tmp_path, **{KEY_VARIABLE: KEY}) as server:
            yield there, server


def test_a_model_is_taught_deployed_run_and_taken_down(world: World, page: Page) -> None:
    there, server = world
    dialect = DIALECTS[there.profile]
    page.goto(f"{server.url}/fine_tune?project=1&tune_host={there.profile}&tune_base=fake-large")
    page.get_by_text("Automatic parameters").click()
    for one in dialect.parameters_of("supervised").values():
        expect(page.get_by_text(one.title, exact=True).first).to_be_visible()
    epochs = page.get_by_role("spinbutton", name="Epochs")
    epochs.fill("2")
    epochs.press("Tab")
    page.get_by_text("2 epochs").first.wait_for()
    press(page, "Start fine-tune")
    page.get_by_text("succeeded", exact=True).first.wait_for()
    assert there.jobs_made == 1
    if dialect.deploys is not Deploys.NOTHING:
        page.get_by_text("not deployed", exact=True).wait_for()
        expect(page.get_by_role("button", name="Run it on validation")).to_have_count(0)
        price = page.get_by_role("spinbutton", name="Dollars an hour")
        price.fill("2.50")
        price.press("Tab")
    if dialect.deploys is Deploys.ASKED:
        press(page, "Deploy")
    elif dialect.deploys is Deploys.BY_HAND:
        there.callable.add("labelloop-1")
        press(page, "It is deployed")
    if dialect.deploys is not Deploys.NOTHING:
        page.get_by_text("deployed", exact=True).first.wait_for()
        page.get_by_text("at $2.50 an hour").first.wait_for()
    press(page, "Run it on validation")
    page.get_by_text("12 of 12").first.wait_for()
    if dialect.deploys is not Deploys.NOTHING:
        page.goto(f"{server.url}/fine_tune?project=1")
        press(page, "It is taken down" if dialect.deploys is Deploys.BY_HAND else "Take down")
        page.get_by_text("not deployed", exact=True).wait_for()
        page.get_by_text("Deployed 1 time before").wait_for()
    no_trouble(page)
