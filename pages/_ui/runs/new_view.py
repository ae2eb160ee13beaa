"""New runs in one line: prompt versions × models × items; what it comes to; probe, start."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import WorkbenchError
from core.model import Host, Project, PromptVersion, Run, RunStatus, Split
from core.services.asking.requests import Mode, ModelRef, RunRequest
from core.services.data.bringing import ItemFilter
from core.services.runs.forecasting import GridEstimate
from core.services.runs.running import PROBE_ITEMS
from core.workbench import Workbench
from pages._ui.hosts.model_picker import about_hosts, pick_hosts, pick_models
from pages._ui.hosts.retirement import warn_retirement
from pages._ui.runs.new_decider import DECIDER, pick_decider
from pages._ui.runs.new_estimate import (
    asked_at_once,
    basis,
    examples_left_out,
    in_words,
    price_unknown,
    set_apart,
    show_table,
)
from pages._ui.runs.new_options import ASKED_HOW, pick_options, say_unpriced
from pages._ui.runs.new_words import Options, unusual
from pages._ui.runs.open_rows import open_next
from pages._ui.shell.errors import guarded, show_error
from pages._ui.shell.fold import fold
from pages._ui.shell.frame import link
from pages._ui.shell.lead import own
from pages._ui.shell.pick import pick, pick_many, pick_switch
from pages._ui.shell.pick_number import pick_how_many
from pages._ui.shell.press import is_pressed
from pages._ui.words.text import plain

NEW, _STARTED = "new_run", "new_run:started"
PROMPTS, HOSTS, MODELS, SPLIT, ITEMS = "run_prompts", "run_hosts", "run_models", "run_split", "run_items"
UPLOAD = "run_upload"
ASKED = (PROMPTS, HOSTS, MODELS, SPLIT, UPLOAD, ITEMS, DECIDER)
ALL_ITEMS, _ANY = "all", "any"
_USUAL_ITEMS = 1000
_ABOUT_PROBE = f"Labels {PROBE_ITEMS} of these items to measure the estimate. They are not paid for again."


def new_run(wb: Workbench, project: Project, runs: Sequence[Run]) -> None:
    """Choose, see what it comes to, start: behind one line once something has run, unless a link asks for it."""
    versions = wb.prompts.versions(project.id)
    counts = wb.data.split_facts(project.id).counts
    if not _is_ready(counts, versions):
        return
    if st.session_state.pop(_STARTED, False):
        st.session_state[NEW] = False
    place = fold("New run", key=NEW, default=_is_first(runs), asked=(*ASKED, *ASKED_HOW), icon=":material/add:")
    if place.open:
        with place:
            _form(wb, project, counts, versions)


def _is_first(runs: Sequence[Run]) -> bool:
    """Whether the form is what one comes for: nothing has come of a run yet."""
    return all(run.status in (RunStatus.FAILED, RunStatus.CANCELLED) for run in runs)


def _form(wb: Workbench, project: Project, counts: dict[str, int], versions: Sequence[PromptVersion]) -> None:
    with st.container(key="new-run"):
        hosts = wb.hosts.all()
        # A list of several grows by a line while it is chosen from, and whatever is below jumps away from under the
        # click that ends the choosing. Start stands in a column of its own, where nothing above it grows.
        with st.container(horizontal=True):
            with st.container(width="stretch"):
                chosen, hosts, models = _pick_who(wb, project, versions, hosts)
                asked_by = pick_decider(wb, project)
                with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
                    beside = st.container(horizontal=True, vertical_alignment="center", width="stretch")
                    options = pick_options(wb, wb.tasks.get(project.id), hosts, [ModelRef(*one) for one in models])
                below = st.container()
            with st.container(width=150):
                split, upload = _pick_split(counts), _pick_upload(wb, project)
                n = _pick_number(_most(wb, project, counts, split, upload))
                start_place = st.container()
        asked = _request(project, chosen, models, split, n, options)
        request = replace(asked, upload_id=upload, asked_by=asked_by)
        unpriced = wb.runs.unpriced(request.models, request.budget)
        with beside:
            estimate = _estimated(wb, request)
        with below:
            for note in estimate.notes if estimate else ():
                st.warning(plain(note), icon=":material/image:")
            as_taught = _taught_otherwise(wb, project, estimate)
        if as_taught is not None:
            request = replace(request, as_taught=as_taught)
            with beside:
                estimate = _estimated(wb, request)
        begin = _offer(wb, request, estimate, start_place, beside, can_start=not unpriced)
        if begin is not None:
            _begin(begin)
        with below:
            _small_print(estimate, options, unpriced)
        if estimate is not None and estimate.items and len(estimate.cells) > 1:
            show_table(estimate)


def _pick_who(
    wb: Workbench, project: Project, versions: Sequence[PromptVersion], hosts: list[Host]
) -> tuple[tuple[int, ...], list[Host], list[tuple[str, str]]]:
    """Prompt versions, hosts and models, and what is to be known of those before they are asked."""
    # On a narrow screen the line breaks where it has to; the names of models stay readable.
    with st.container(horizontal=True):
        with st.container(width="stretch"):
            chosen = _pick_versions(versions)
        if len(hosts) > 1:
            with st.container(width=220):
                hosts = pick_hosts(wb, HOSTS)
        with st.container(width=275):
            models = pick_models(wb, project, hosts, MODELS)
    about_hosts(wb, project, hosts, "run_ask_again")
    for host, model in models:
        warn_retirement(wb, host, model)
    return chosen, hosts, models


def _is_ready(counts: dict[str, int], versions: Sequence[PromptVersion]) -> bool:
    if counts and versions:
        return True
    with st.container(horizontal=True, vertical_alignment="center"):
        if not counts:
            st.info("There are no items to label yet.", icon=":material/info:")
            link("data", "Import items", icon=":material/upload_file:")
        else:
            st.info("A run needs a prompt, and there is none yet.", icon=":material/info:")
            link("prompts", "Write a prompt", icon=":material/chat:")
    return False


def _pick_versions(versions: Sequence[PromptVersion]) -> tuple[int, ...]:
    titles = {str(version.id): version.title for version in versions}
    chosen = pick_many(
        "Prompt versions", titles, key=PROMPTS, default=[next(iter(titles))], placeholder="choose one or more"
    )
    return tuple(int(i) for i in chosen)


def _pick_split(counts: dict[str, int]) -> str:
    present = [str(split) for split in (Split.VALIDATION, Split.TRAIN, Split.TEST) if counts.get(str(split))]
    return pick("Split", {name: name for name in present} | {ALL_ITEMS: "all items"}, key=SPLIT)


def _pick_upload(wb: Workbench, project: Project) -> int | None:
    """Which upload the items came with; asked where there are several."""
    names = wb.data.upload_names(project.id)
    if len(names) < 2:
        return None
    chosen = pick("Upload", {_ANY: "any"} | {str(i): name for i, name in names.items()}, key=UPLOAD)
    return None if chosen == _ANY else int(chosen)


def _most(wb: Workbench, project: Project, counts: dict[str, int], split: str, upload: int | None) -> int:
    """How many items there are to choose from."""
    if upload is None:
        return sum(counts.values()) if split == ALL_ITEMS else counts.get(split, 0)
    return wb.data.count(project.id, ItemFilter(_split_of(split), upload_id=upload))


def _split_of(chosen: str) -> Split | None:
    return None if chosen == ALL_ITEMS else Split(chosen)


def _pick_number(most: int) -> int | None:
    """None for all of them."""
    wanted = pick_how_many(
        f"Items of {most:,}",
        key=ITEMS,
        most=most,
        usual=_USUAL_ITEMS,
        help=f"All of them, up to {_USUAL_ITEMS:,}, unless you enter a number. A smaller number takes random items; "
        "a larger one later includes them.",
    )
    return None if wanted >= most else wanted


def _request(
    project: Project,
    versions: tuple[int, ...],
    models: Sequence[tuple[str, str]],
    split: str,
    n: int | None,
    options: Options,
) -> RunRequest:
    return RunRequest(
        project_id=project.id,
        version_ids=versions,
        models=tuple(ModelRef(*one) for one in models),
        split=_split_of(split),
        n=n,
        which=options.which,
        repeats=options.repeats,
        temperature=options.temperature,
        in_flight=options.in_flight,
        budget=options.budget,
        use_cache=options.use_cache,
        ask=options.ask,
        mode=options.mode,
        order=options.order,
    )


def _estimated(wb: Workbench, request: RunRequest) -> GridEstimate | None:
    """What it comes to; None where that cannot be said, and then why not is."""
    if todo := _still_to_do(wb, request):
        st.caption(todo)
        return None
    with guarded():
        return _estimate(wb, str(wb.settings.database_path), request, wb.runs.estimate_stamp(request))
    return None


def _taught_otherwise(wb: Workbench, project: Project, estimate: GridEstimate | None) -> int | None:
    """Says where a tuned model would be asked otherwise than it was taught; the fine-tune whose words are to be used
    instead, where that was chosen."""
    found = [cell for cell in (estimate.cells if estimate else ()) if cell.not_as_taught]
    for cell in found:
        said = " ".join(cell.not_as_taught)
        st.warning(plain(f"{cell.annotator_name} was taught differently. {said}"), icon=":material/warning:")
    job = next((cell.fine_tune_id for cell in found if cell.fine_tune_id is not None), None)
    if job is None:
        return None
    version = wb.fine_tunes.get(job).prompt_version_id
    title = next((one.title for one in wb.prompts.versions(project.id) if one.id == version), "")
    chosen = pick_switch(
        f"Ask as it was taught: {plain(title)}",
        key="run_as_taught",
        help="Every chosen model is then asked with that prompt and with the labels and descriptions as they were.",
    )
    return job if chosen else None


def _offer(
    wb: Workbench,
    request: RunRequest,
    estimate: GridEstimate | None,
    start_place: DeltaGenerator,
    beside: DeltaGenerator,
    *,
    can_start: bool,
) -> Callable[[], list[Run]] | None:
    """Start; the probe where it is worth it, and the estimate in a sentence. What was clicked."""
    clicked: Callable[[], list[Run]] | None = None
    runs = estimate.runs if estimate else 0
    label, can_start_now = f"Start {runs} runs" if runs > 1 else "Start run", bool(runs) and can_start
    look = own("runs") if can_start_now else "secondary"
    if start_place.button(
        label,
        key="run-start",
        type=look,
        icon=":material/play_arrow:",
        disabled=not can_start_now,
        width="stretch",
    ):
        clicked = partial(wb.runs.start, request)
    if estimate is None:
        return clicked
    with beside:
        if estimate.is_worth_probing(request) and is_pressed(
            f"Probe {PROBE_ITEMS}", icon=":material/science:", help=_ABOUT_PROBE, disabled=not can_start
        ):
            clicked = partial(wb.runs.probe, request)
        st.markdown(in_words(estimate, request), width="stretch")
    return clicked


def _still_to_do(wb: Workbench, request: RunRequest) -> str:
    """What has to be chosen or allowed before anything can be said; empty where nothing is."""
    if not request.version_ids:
        return "Choose at least one prompt version."
    if not request.models:
        return "Choose a model."
    if request.mode is not Mode.FILE and not all(wb.hosts.is_allowed(ref.host) for ref in request.models):
        return "Allow the host first."
    return ""


def _begin(act: Callable[[], list[Run]]) -> None:
    try:
        with st.spinner("Preparing …"):
            started = act()
    except WorkbenchError as error:
        show_error(error)
    else:
        if started:  # else the runs are those of other questions
            open_next(started[0].id)
        st.session_state[_STARTED] = True
        st.rerun()


def _small_print(estimate: GridEstimate | None, options: Options, unpriced: Sequence[str]) -> None:
    """What the estimate rests on, and what is unusual; nothing of no run."""
    if estimate is not None and not estimate.items:
        return
    about = (
        (asked_at_once(estimate), basis(estimate), examples_left_out(estimate), set_apart(estimate)) if estimate else ()
    )
    said = [plain(part) for part in (*about, unusual(options)) if part]
    unknown = unpriced or (price_unknown(estimate) if estimate else [])
    if said or unknown:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if unknown:
                say_unpriced(unknown, is_capped=bool(unpriced))
            if said:
                st.caption(" · ".join(said), width="content")


@st.cache_data(ttl=60, max_entries=100, show_spinner=False)
def _estimate(_wb: Workbench, database: str, request: RunRequest, stamp: str) -> GridEstimate:
    return _wb.runs.estimate(request)
