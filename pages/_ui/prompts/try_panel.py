"""The panel that tries a prompt on a few items: what was sent, what came back, what it amounts to."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.model import Host, Item, Project, Split, Task
from core.services.asking.orders import Order, offered
from core.services.hosts.vocabulary import can_decide, profile_of
from core.services.prompts.trying import Trial
from core.workbench import Workbench
from pages._ui.hosts.model_picker import about_host, pick_host, pick_model
from pages._ui.prompts.draft import PromptDraft
from pages._ui.prompts.said import show_content
from pages._ui.prompts.trial_words import beside_reference, facts, raw_answer, sent_in
from pages._ui.runs.new_words import ORDERS
from pages._ui.runs.words import seconds_or_ms
from pages._ui.shell.connection import these_of
from pages._ui.shell.errors import guarded
from pages._ui.shell.pick import pick
from pages._ui.shell.press import is_pressed
from pages._ui.words.parts import in_a_line
from pages._ui.words.text import count, plain

TRIED_AT_ONCE = 5
_LAST, _SEED, _CHOSEN = "prompt_trial", "prompt_trial_seed", "try_items"
_DECIDE = "decisions"
_SPLITS = {str(split): str(split) for split in (Split.VALIDATION, Split.TRAIN)}


@dataclass(frozen=True)
class LastTrial:
    """What the panel shows: answers of one prompt and model, and with which draft they were made."""

    draft: PromptDraft
    host: str
    model: str
    about: str
    seconds: float
    trials: tuple[Trial, ...]


def try_panel(wb: Workbench, project: Project, draft: PromptDraft) -> None:
    """Choose a model and items, ask, and read the answers."""
    with st.container(key="try-panel"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            host = pick_host(wb, "try_host")
            model = pick_model(wb, project, host, "try_model")
            split = pick("Split", _SPLITS, key="try_split")
        about_host(wb, project, host, "try_ask_again")
        ids = _chosen_items(wb, project, split)
        is_sound = not any(p.blocks for p in wb.prompts.check(project.id, draft.system, draft.user))
        ready = bool(model) and is_sound and wb.hosts.is_allowed(host.key)
        task = wb.tasks.get(project.id)
        _buttons(wb, task, draft, host, model, split, ids, ready)
        last = st.session_state.get(_LAST)
        if isinstance(last, LastTrial) and last.draft.project_id == project.id:
            _show(wb, project, task, draft, last)
        else:
            st.caption(
                "Trying a prompt stores nothing. You see the messages exactly as sent, and the answer exactly as "
                "received."
            )


@dataclass(frozen=True)
class _Whom:
    """Who is asked, and how: a key of `ways`."""

    host: Host
    model: str
    how: str
    order: Order = Order.GIVEN

    @property
    def repeats(self) -> int:
        return int(self.how) if self.how.isdigit() else 1

    @property
    def ask(self) -> str:
        return _DECIDE if self.how == _DECIDE else "chat"


def ways(host: Host, model: str) -> dict[str, str]:
    """How an item can be asked about: once, several times for a majority, by the Decisions API where there is one."""
    decides = can_decide(profile_of(host).routes, model)
    return {
        "1": "once each",
        "3": "3 times each",
        "5": "5 times each",
        **({_DECIDE: "for a decision"} if decides else {}),
    }


def _chosen_items(wb: Workbench, project: Project, split: str) -> list[int]:
    """Items picked by hand, by searching; empty means random ones."""
    with st.expander("Choose the items yourself", type="compact", key="try_choose", on_change="rerun") as place:
        if not place.open:
            return []
        search = st.text_input(
            "Search items", key="try_search", type="search", live="300ms", placeholder="words in the text"
        )
        kept = [int(i) for i in st.session_state.get(_CHOSEN) or []]
        found = wb.prompts.trial_items(project.id, split=Split(split), n=20, search=search) if search.strip() else []
        known = {str(item.id): item for item in [*wb.prompts.items_by_id(kept), *found]}
        chosen = st.multiselect(
            f"Up to {TRIED_AT_ONCE} items",
            list(known),
            these_of(_CHOSEN, list(known), ()),
            format_func=lambda i: _short(known[i]) if i in known else i,
            key=_CHOSEN,
            max_selections=TRIED_AT_ONCE,
            placeholder=f"{count(len(found), 'item')} found: choose" if search.strip() else "search first",
            persist_state="page",
        )
        return [int(i) for i in chosen]


def _short(item: Item) -> str:
    return " ".join(in_a_line(item).split())[:90]


def _buttons(
    wb: Workbench,
    task: Task,
    draft: PromptDraft,
    host: Host,
    model: str,
    split: str,
    ids: Sequence[int],
    ready: bool,
) -> None:
    seed = st.session_state.setdefault(_SEED, 0)
    what = count(len(ids), "chosen item") if ids else f"{TRIED_AT_ONCE} random {split} items"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        whom = _Whom(host, model, pick("Ask", ways(host, model), key="try_how"), _pick_order(task, draft))
        first = is_pressed(f"Try on {what}", icon=":material/play_arrow:", disabled=not ready)
        again = not ids and is_pressed(
            "Try others", icon=":material/casino:", disabled=not ready, help="Try on other random items."
        )
    if not (first or again):
        return
    if again:
        seed = st.session_state[_SEED] = seed + 1
    waits = st.empty()
    with guarded(), st.spinner(f"Asking {plain(whom.model)} about {what} …", show_time=True):
        wanted = wb.prompts.items_by_id(ids) or wb.prompts.trial_items(
            draft.project_id, split=Split(split), n=TRIED_AT_ONCE, seed=seed
        )
        version = wb.prompts.draft(draft.project_id, draft.system, draft.user, draft.examples)
        started = time.perf_counter()
        trials = wb.prompts.try_on(
            version,
            whom.host.key,
            whom.model,
            wanted,
            repeats=whom.repeats,
            ask=whom.ask,
            order=whom.order,
            tell=waits.caption,
        )
        seconds = time.perf_counter() - started
        st.session_state[_LAST] = LastTrial(draft, whom.host.title, whom.model, what, seconds, tuple(trials))


def _pick_order(task: Task, draft: PromptDraft) -> Order:
    """In which order candidates or levels are shown, where there is one to choose."""
    orders = offered(task)
    if len(orders) == 1 or draft.asks_all:
        return Order.GIVEN
    return Order(pick("Order", {str(one): ORDERS[one] for one in orders}, key="try_order"))


def _show(wb: Workbench, project: Project, task: Task, draft: PromptDraft, last: LastTrial) -> None:
    everyone = {annotator.id: annotator for annotator in wb.projects.annotators(project.id)}
    reference = everyone.get(project.reference_id or 0)
    st.markdown(summary(last, reference.name if reference else None))
    if said_by(last.draft) != said_by(draft):
        st.caption(":orange[:material/history:] These answers are for the prompt before your last change.")
    for trial in last.trials:
        with st.container(border=True, gap="xsmall"):
            _trial(wb, task, trial, reference.name if reference else "the reference")


def said_by(draft: PromptDraft) -> tuple[str, str, tuple[int, ...]]:
    """What of a draft a model is told: to save it changes none of that."""
    return draft.system, draft.user, draft.examples


def summary(last: LastTrial, reference: str | None) -> str:
    """Counts in words, and no score: a handful of items is too few for one. Markdown."""
    compared = [trial.agrees for trial in last.trials if trial.agrees is not None]
    failed = sum(trial.answered is None for trial in last.trials)
    parts = (
        [f"**{sum(compared)} of {len(compared)}** as {plain(reference)} labelled them"]
        if reference and compared
        else []
    )
    parts += [f"{count(failed, 'call')} failed"] if failed else []
    parts += [f"{plain(last.model)} with {last.draft.title}", f"{plain(seconds_or_ms(last.seconds))} in all"]
    return " · ".join(parts)


def _trial(wb: Workbench, task: Task, trial: Trial, reference: str) -> None:
    st.markdown(plain(in_a_line(trial.item), 125))
    st.markdown(beside_reference(task, trial, reference))
    for title, said, why in trial.beside:
        st.markdown(f":gray[{plain(title)}] {plain(said, 300)}" + (f" :orange[{plain(why, 200)}]" if why else ""))
    with st.expander(facts(task, trial), type="compact"):
        if trial.is_masked:
            st.caption(":material/visibility_off: The host saw this, masked as set on Hosts:")
        for order, messages in sent_in(task, trial):
            if order:
                st.markdown(f"**{plain(order)}**")
            for message in messages:
                st.caption(message.role)
                show_content(wb, message.content)
        if trial.votes:
            st.caption(plain(", ".join(f"{trial.in_words(said)} {n}" for said, n in trial.votes.items())))
        st.caption(f"raw answer, asked for as {plain(trial.asking)}" if trial.answered else "raw answer")
        st.code(raw_answer(trial), language=None, wrap_lines=True)
