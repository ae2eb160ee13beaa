"""A new run in one line: prompt versions, model, items; what it comes to; start."""

from collections.abc import Sequence

import streamlit as st

from core.errors import WorkbenchError
from core.model import Host, Project, PromptVersion, Split
from core.services.running import MAX_IN_FLIGHT, RunEstimate, RunRequest
from core.workbench import Workbench
from pages._ui.errors import show_error
from pages._ui.model_picker import about_host, pick_host, pick_model
from pages._ui.pick import pick, pick_many, pick_number, pick_switch
from pages._ui.run_words import OPENED_NEXT
from pages._ui.shell import link
from pages._ui.text import count, plain

PROMPTS, ITEMS, IN_FLIGHT, AGAIN = "run_prompts", "run_items", "run_in_flight", "run_again"
ALL_ITEMS = "all"
_USUAL_ITEMS = 1000


def new_run(wb: Workbench, project: Project) -> None:
    """Choose, see what it comes to, start."""
    versions = wb.prompts.versions(project.id)
    counts = wb.data.split_facts(project.id).counts
    if not _is_ready(counts, versions):
        return
    with st.container(border=True, key="new-run"):
        prompts, host_place, model_place, split_place, items_place = st.columns([2.6, 1.4, 1.5, 1.1, 0.9])
        with prompts:
            chosen = _pick_versions(versions)
        with host_place:
            host = pick_host(wb, "run_host")
        with split_place:
            split = _pick_split(counts)
        with items_place:
            n = _pick_number(counts, split)
        with model_place:
            model = pick_model(wb, project, host, "run_model")
        about_host(wb, project, host, "run_ask_again")
        again, in_flight, start_place = _options(host)
        request = RunRequest(
            project_id=project.id,
            version_ids=chosen,
            host=host.key,
            model=model,
            split=None if split == ALL_ITEMS else Split(split),
            n=n,
            only_new=not again,
            in_flight=in_flight,
        )
        with start_place:
            _estimate_and_start(wb, request)


def _is_ready(counts: dict[str, int], versions: Sequence[PromptVersion]) -> bool:
    if counts and versions:
        return True
    with st.container(horizontal=True, vertical_alignment="center"):
        if not counts:
            st.info("There are no items to label yet.", icon=":material/info:")
            link("data", "Import items", icon=":material/upload_file:")
        else:
            st.info("A model is asked with a prompt, and there is none yet.", icon=":material/info:")
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
    return pick("Split", {name: name for name in present} | {ALL_ITEMS: "all items"}, key="run_split")


def _pick_number(counts: dict[str, int], split: str) -> int | None:
    """None for the whole split."""
    most = sum(counts.values()) if split == ALL_ITEMS else counts.get(split, 0)
    wanted = pick_number(
        f"Items of {most:,}",
        key=ITEMS,
        most=most,
        default=min(most, _USUAL_ITEMS),
        help="A smaller number takes random items; a larger one later contains them.",
    )
    return None if wanted >= most else wanted


def _options(host: Host) -> tuple[bool, int | None, st.delta_generator.DeltaGenerator]:
    with st.container(horizontal=True, vertical_alignment="center"):
        start_place = st.container(horizontal=True, vertical_alignment="center", width="stretch")
        again = pick_switch("Label again", key=AGAIN, help="Also items this model has labelled with this prompt.")
        with st.popover("Advanced", icon=":material/tune:", type="tertiary"):
            usual = 32 if host.is_local else 16
            in_flight = st.number_input(
                "Calls in flight",
                1,
                MAX_IN_FLIGHT,
                usual,
                key=f"{IN_FLIGHT}_{host.key}",
                help="How many questions are asked at the same time. Fewer where the host limits the rate.",
            )
    return again, in_flight, start_place


def _estimate_and_start(wb: Workbench, request: RunRequest) -> None:
    if not request.model or not request.version_ids:
        st.button("Start", type="primary", icon=":material/play_arrow:", disabled=True)
        st.caption("Choose a model." if request.version_ids else "Choose at least one prompt version.")
        return
    # What is on its way in another run counts as well: hence those that are going.
    stamp = f"{wb.prompts.results_stamp(request.project_id)} {[run.id for run in wb.runs.live(request.project_id)]}"
    try:
        estimates = _estimates(wb, str(wb.settings.database_path), request, stamp)
    except WorkbenchError as error:
        show_error(error)
        return
    calls = sum(one.calls for one in estimates)
    if st.button("Start", type="primary", icon=":material/play_arrow:", disabled=not calls):
        try:
            with st.spinner("Preparing the run …"):
                started = wb.runs.start(request)
        except WorkbenchError as error:
            show_error(error)
        else:
            st.session_state[OPENED_NEXT] = str(started[-1].id)
            st.rerun()
    st.markdown(in_words(estimates), width="stretch")


@st.cache_data(ttl=60, max_entries=100, show_spinner=False)
def _estimates(_wb: Workbench, database: str, request: RunRequest, stamp: str) -> list[RunEstimate]:
    return _wb.runs.estimate(request)


def in_words(estimates: Sequence[RunEstimate]) -> str:
    """`138 calls (2 prompts × 69 items) · about 36,000 tokens`. Markdown."""
    calls, tokens = sum(e.calls for e in estimates), sum(e.tokens for e in estimates)
    already = sum(e.already for e in estimates)
    coming = sum(e.on_the_way for e in estimates)
    if not calls and coming:
        return f"Nothing to label: {coming:,} of these items are on their way in a run that is going."
    if not calls:
        return "Nothing to label: all of these items already have a label from this model and prompt."
    same = len({e.calls for e in estimates}) == 1
    shape = f" ({len(estimates)} prompts × {estimates[0].calls:,} items)" if len(estimates) > 1 and same else ""
    parts = [f"**{count(calls, 'call')}**{shape}", f"about {_rounded(tokens):,} tokens"]
    if already:
        parts.append(f"{already:,} labelled already")
    if coming:
        parts.append(f"{coming:,} on their way")
    return " · ".join(plain(part) if not part.startswith("**") else part for part in parts)


def _rounded(tokens: int) -> int:
    """An estimate shows two or three digits."""
    return tokens if tokens < 1000 else round(tokens, 2 - len(str(tokens)) + 1)
