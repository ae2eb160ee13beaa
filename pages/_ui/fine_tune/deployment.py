"""A tuned model at a host that has to deploy it: what to do, what it costs by now, and the way to take it down."""

from datetime import UTC, datetime

import streamlit as st

from core.errors import WorkbenchError
from core.model import Deployment, DeploymentStatus, FineTune
from core.services.learning.deploying import in_all
from core.services.learning.vocabulary import Deploys, Dialect
from core.workbench import Workbench
from pages._ui.shell.connection import keep, text_of
from pages._ui.shell.errors import guarded
from pages._ui.shell.press import is_pressed
from pages._ui.words.money import dollars
from pages._ui.words.text import count, duration, plain

_MARKS = {
    DeploymentStatus.STARTING: ":blue-badge[being deployed]",
    DeploymentStatus.READY: ":green-badge[deployed]",
    DeploymentStatus.LEAVING: ":orange-badge[being taken down]",
}
_MODEL, _NAME = "{model}", "{name}"


def is_changing(wb: Workbench, project_id: int) -> bool:
    """Whether a deployment of the project is on its way up or down."""
    return any(one.status is not DeploymentStatus.READY for one, _ in wb.deployments.live(project_id))


def deployment(wb: Workbench, job: FineTune) -> None:
    """Nothing where the model can be called once it is trained."""
    if not job.config.get("deploys") or not job.fine_tuned_model:
        return
    known = wb.deployments.of(job.id)
    if known and known[0].status.is_live:
        _there(wb, job, known[0])
    else:
        _not_there(wb, job, known)


def _there(wb: Workbench, job: FineTune, one: Deployment) -> None:
    word = f" :gray[{plain(one.host_status)}]" if one.host_status else ""
    called = f" Called as **{plain(one.called)}**." if one.called else ""
    st.markdown(f"{_MARKS[one.status]}{word}{called}")
    if one.billed_from is not None:
        st.warning(_bill(one), icon=":material/schedule:")
    if one.message:
        st.caption(plain(one.message))
    if one.by_hand and (how := _how(wb, job)) and how.commands:
        _command(how.commands.take_down, job, one.name)
    with st.container(horizontal=True, vertical_alignment="center"):
        label = "It is taken down" if one.by_hand else "Take down"
        leaving = one.status is DeploymentStatus.LEAVING
        if is_pressed(label, key=f"take-down-{one.id}", icon=":material/cloud_off:", disabled=leaving):
            with guarded():
                wb.deployments.take_down(one.id)
                st.rerun()
        if one.status is not DeploymentStatus.READY and is_pressed(
            "Stop following",
            key=f"leave-deployment-{one.id}",
            type="tertiary",
            help="Use this if the host never says that it is gone. It may still be there, and cost money.",
        ):
            wb.deployments.stop_following(one.id)
            st.rerun()


def bill(one: Deployment, now: datetime) -> str:
    """`Deployed for 2 h, about $4.20 so far at $2.10 an hour.` Plain."""
    hours, cost = one.hours(now), one.dollars(now)
    said = f"Deployed for {duration(hours * 3600)}"
    if cost is None:
        return f"{said}, at a price that is unknown."
    return f"{said}, about {dollars(cost)} so far at {dollars(one.hourly)} an hour."


def _bill(one: Deployment) -> str:
    return f"{plain(bill(one, datetime.now(UTC)))} It costs whether it is called or not: take it down after use."


def _not_there(wb: Workbench, job: FineTune, known: list[Deployment]) -> None:
    if known and known[0].status is DeploymentStatus.FAILED:
        st.error(plain(known[0].message or "The host could not deploy it."), icon=":material/error:")
    st.markdown(":orange-badge[not deployed] It is trained, and cannot be called before it is deployed.")
    past = [one for one in known if one.billed_from]
    if past:
        hours, cost = in_all(past)
        st.caption(f"Deployed {count(len(past), 'time')} before, for {duration(hours * 3600)} in all: {_cost(cost)}.")
    if (how := _how(wb, job)) is None:
        return
    st.caption(plain(how.about_cost))
    if how.deploys is Deploys.BY_HAND and how.commands:
        _command(how.commands.deploy, job, f"labelloop-{job.id}")
        st.caption(plain(how.commands.about))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        called = ""
        if how.deploys is Deploys.BY_HAND:
            field = f"deployed-{job.id}"
            called = st.text_input("Called as", text_of(field, f"labelloop-{job.id}"), key=field, width=240) or ""
        hourly = st.number_input(
            "Dollars an hour",
            0.0,
            10_000.0,
            None,
            0.1,
            placeholder="unknown",
            key=keep(f"hourly-{job.id}"),
            width=170,
            help="As the host's prices say; what it costs is counted by it. Empty: the hours alone are counted.",
        )
        if how.deploys is Deploys.BY_HAND:
            if is_pressed("It is deployed", key=f"deployed-by-hand-{job.id}", icon=":material/cloud_done:"):
                with guarded():
                    wb.deployments.say_deployed(job.id, called, hourly=hourly)
                    st.rerun()
        elif is_pressed("Deploy", key=f"deploy-{job.id}", icon=":material/cloud_upload:"):
            with guarded():
                wb.deployments.deploy(job.id, hourly=hourly)
                st.rerun()


def _how(wb: Workbench, job: FineTune) -> Dialect | None:
    """How its host deploys; None, and said, where that is not on the list any more."""
    try:
        return wb.deployments.how(job)
    except WorkbenchError as error:
        st.caption(plain(error))
        return None


def _cost(cost: float | None) -> str:
    return "its price is unknown" if cost is None else f"about {plain(dollars(cost))}"


def _command(command: str, job: FineTune, name: str) -> None:
    if command:
        written = command.replace(_MODEL, job.fine_tuned_model or "").replace(_NAME, name)
        st.code(written, language=None, wrap_lines=True)
