"""Choosing hosts and their models; a host that cannot be reached is one sentence, not the end of the page.

No host outside this machine is asked anything, not even for its models, before the user has allowed it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import streamlit as st

from core.errors import WorkbenchError
from core.model import Host, Project
from core.services.hosts.models import ModelChoice, needs_deploying, tuned_title
from core.services.hosts.vocabulary import WARN_WITHIN_DAYS
from core.workbench import Workbench
from pages._ui.hosts.consent import ASKED, ask_consent
from pages._ui.shell.pick import pick, pick_many, pick_open
from pages._ui.words.text import count, plain

_TYPE_ONE = "type the model's name"


def pick_host(wb: Workbench, key: str) -> Host:
    """The host; the choice lives in the URL under `key`."""
    hosts = {host.key: host for host in wb.hosts.all()}
    return hosts[pick("Host", {name: host.title for name, host in hosts.items()}, key=key)]


def pick_hosts(wb: Workbench, key: str) -> list[Host]:
    """One or more hosts; the first one where the user leaves none."""
    hosts = {host.key: host for host in wb.hosts.all()}
    titles = {name: host.title for name, host in hosts.items()}
    first = next(iter(titles))
    return [
        hosts[name] for name in pick_many("Hosts", titles, key=key, default=[first], placeholder="choose") or [first]
    ]


def pick_model(wb: Workbench, project: Project, host: Host, key: str) -> str:
    """The model's name, tuned ones first; any other can be typed. Empty while there is none."""
    choices, _ = models_of(wb, project, host)
    options = {choice.name: choice.title for choice in choices}
    return pick_open("Model", options, key=key, within=host.key, placeholder=_TYPE_ONE)


def pick_models(wb: Workbench, project: Project, hosts: Sequence[Host], key: str) -> list[tuple[str, str]]:
    """`(host key, model)` of one or more models on these hosts; in the URL as `host:model`. What is typed without a
    host belongs to the first one.

    Where there are several hosts each model is shown with its own, however many are chosen: the browser gives choices
    back as they were shown, and one of a host that was just left out must not be taken for a name typed for another.
    """
    everywhere = wb.hosts.all()
    endings = {host.key: f" · {host.title}" if len(everywhere) > 1 else "" for host in everywhere}
    options = {
        reference(host.key, choice.name): choice.title + endings[host.key]
        for host in hosts
        for choice in models_of(wb, project, host)[0]
    }
    keys = [host.key for host in hosts]
    others = [host.key for host in everywhere if host.key not in keys]

    def accept(given: str) -> str | None:
        name = _as_reference(given.strip(), endings)
        if not name or _split(name, others):
            return None
        return name if _split(name, keys) else reference(keys[0], name)

    def shown(given: str) -> str:
        split = _split(given, keys)
        return given if split is None else split[1] + endings[split[0]]

    chosen = pick_many(
        "Models",
        options,
        key=key,
        default=list(options)[:1],
        accept=accept,
        accept_new_options=True,
        title=shown,
        placeholder="choose one or more" if options else _TYPE_ONE,
    )
    return [split for one in chosen if (split := _split(one, keys))]


def _as_reference(shown: str, endings: Mapping[str, str]) -> str:
    """What was shown with its host as `host:model`; anything else as it is."""
    host = next((key for key, ending in endings.items() if ending and shown.endswith(ending)), None)
    return shown if host is None else reference(host, shown.removesuffix(endings[host]))


def reference(host_key: str, model: str) -> str:
    """How a model on a host is called in links."""
    return f"{host_key}:{model}"


def _split(given: str, host_keys: Sequence[str]) -> tuple[str, str] | None:
    """The parts of a reference; None where it begins with none of these hosts: names of models hold colons, too."""
    host, found, model = given.partition(":")
    return (host, model) if found and model and host in host_keys else None


def titled(wb: Workbench, host: Host, title: str, model: str) -> str:
    """How a model is offered: with the days it has left, where its end is known and near."""
    ends = wb.retirements.of(host, model)
    left = None if ends is None else ends.days_left(date.today())
    if left is None or left > WARN_WITHIN_DAYS:
        return title
    return f"{title} · ends in {count(left, 'day')}" if left > 0 else f"{title} · has ended"


def about_host(
    wb: Workbench, project: Project, host: Host, key: str, *, what: str = ASKED, address: Callable[[str], str] = str
) -> bool:
    """What kind of host this is; or why it cannot be asked, with a way to ask again; or the question for the user's
    word. Whether it can be asked. `what` and `address` say what will be sent and where to, see `ask_consent`."""
    if not ask_consent(wb, host, what=what, key=key, address=address):
        return False
    _, trouble = models_of(wb, project, host)
    if trouble:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(plain(trouble), icon=":material/cloud_off:", width="stretch")
            st.button("Reload models", icon=":material/refresh:", key=key, on_click=_models.clear)
    elif host.about:
        st.caption(f":material/info: {plain(host.title)}: {plain(host.about)}")
    _about_not_deployed(wb, project, host)
    return not trouble


def _about_not_deployed(wb: Workbench, project: Project, host: Host) -> None:
    """Tuned models that are missing from the choice, and why."""
    waiting = [job for job in wb.fine_tunes.all(project.id) if job.host == host.key and needs_deploying(job)]
    if waiting:
        names = ", ".join(tuned_title(job) for job in waiting)
        st.caption(f":material/cloud_off: Not deployed, so not to be called yet: {plain(names)}. Deploy on Fine-tune.")


def about_hosts(wb: Workbench, project: Project, hosts: Sequence[Host], key: str, *, what: str = ASKED) -> bool:
    """`about_host` of several; whether all of them can be asked."""
    return all([about_host(wb, project, host, f"{key}-{host.key}", what=what) for host in hosts])


def models_of(wb: Workbench, project: Project, host: Host) -> tuple[list[ModelChoice], str]:
    """The host's models and, where it could not say, why. Kept for half a minute, or until a fine-tune ends.

    None, and nothing to say, while the user has not allowed it.
    """
    if not wb.hosts.is_allowed(host.key):
        return [], ""
    tuned = tuple(
        (job.id, job.called or "", job.is_deployed) for job in wb.fine_tunes.all(project.id) if job.fine_tuned_model
    )
    place = (host.base_url, repr(wb.hosts.key_state(host.key)))
    return _models(wb, host, str(wb.settings.database_path), project.id, host.key, place, tuned)


@st.cache_data(ttl=30, max_entries=50, show_spinner="Asking the host for its models …")
def _models(
    _wb: Workbench,
    _host: Host,
    database: str,
    project_id: int,
    host_key: str,
    place: tuple[str, str],
    tuned: tuple[tuple[int, str, bool], ...],
) -> tuple[list[ModelChoice], str]:
    """A failure is kept as well, so that a host that is down does not hold up every click."""
    try:
        choices = _wb.hosts.models(host_key, project_id)
    except WorkbenchError as error:
        return [], str(error)
    return [replace(choice, title=titled(_wb, _host, choice.title, choice.name)) for choice in choices], ""
