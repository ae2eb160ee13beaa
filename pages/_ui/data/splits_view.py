"""The splits: how they are dealt, the lock on test, and the shares and seed of another deal."""

import streamlit as st

from core.model import Project, Split
from core.services.data.bringing import Shares, SplitFacts
from core.workbench import Workbench
from pages._ui.data.deals_view import again, ask, carry_out, former_deals, undo
from pages._ui.shell.connection import value_of
from pages._ui.shell.frame import link
from pages._ui.shell.lead import own
from pages._ui.shell.press import is_submitted
from pages._ui.words.figures import percent
from pages._ui.words.text import count, plain

_ABOUT = {
    Split.TRAIN: "models learn from it",
    Split.VALIDATION: "prompts and settings are chosen on it",
    Split.TEST: "only for measuring, never learned from",
}


def splits_panel(wb: Workbench, project: Project) -> None:
    """Counts of each split, then the seed and the shares, then the deals of before."""
    dealt = wb.data.split_facts(project.id)
    total = sum(dealt.counts.values())
    for column, split in zip(st.columns(3), Split, strict=True):
        with column, st.container(border=True, height="stretch"):
            number = dealt.counts.get(split, 0)
            lock = ":material/lock: " if split is Split.TEST else ""
            st.metric(f"{lock}{split}", f"{number:,}", help=None)
            st.caption(f"{percent(number / total)} of {count(total, 'item')} · {_ABOUT[split]}")
    _test_lock(dealt)
    _how(dealt)
    carry_out(wb, project)
    if dealt.locked:
        st.info(f"{dealt.locked} Wait until its files are at the host, or cancel it.", icon=":material/lock:")
    else:
        ask(project)
        _split_again(wb, project, dealt)
        undo(wb, project, dealt)
    former_deals(wb, project, dealt)


def _test_lock(dealt: SplitFacts) -> None:
    looks = f"Its scores have been looked at {count(dealt.looks, 'time')}." if dealt.looks else "Not looked at yet."
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/lock: **Test is locked.** Nothing can be trained on it. {looks}",
            help="Each look at test scores that leads to a change makes the next score a little too good, so looks "
            "are counted. Use validation while choosing.",
        )
        if dealt.looks:
            link("compare", "See comparisons", icon=":material/compare_arrows:")


def _how(dealt: SplitFacts) -> None:
    by = f"stratified by {plain(dealt.stratified_by)}" if dealt.stratified_by else "not stratified: no reference yet"
    near = count(dealt.near_duplicates, "item")
    st.caption(f"Seed {dealt.seed} · {by} · {near} with a near-identical text, kept together in one split.")


def _split_again(wb: Workbench, project: Project, dealt: SplitFacts) -> None:
    first = bool(dealt.counts.get(""))
    with st.form("deal", border=True):
        st.markdown("**Split the items**" if first else "**Split again**")
        train, validation, test, seed, button = st.columns([2, 2, 2, 2, 3], vertical_alignment="bottom")
        keys = [f"share_{split}_{project.id}" for split in Split]
        shares = [
            column.number_input(f"{split} %", 0, 100, value_of(key, round(100 * share)), 5, key=key)
            for key, column, split, share in zip(
                keys, (train, validation, test), Split, dealt.shares.as_tuple(), strict=True
            )
        ]
        seed_key = f"seed_{project.id}"
        chosen_seed = seed.number_input("Seed", 0, 2**31 - 1, value_of(seed_key, dealt.seed), 1, key=seed_key)
        with button:
            pressed = is_submitted(
                "Split the items" if first else "Split again",
                icon=":material/shuffle:",
                type=own("data"),
            )
        apart = _take_apart(project, dealt)
        st.caption(_when_it_can(dealt))
    if pressed:
        again(wb, project, Shares(*(share / 100 for share in shares)), int(chosen_seed), apart=apart)
        st.rerun()


def _take_apart(project: Project, dealt: SplitFacts) -> bool:
    """Whether groups too large to be true are taken apart; asked only where there are any, or were."""
    if not dealt.too_large and not dealt.apart:
        return False
    if dealt.too_large:
        total = sum(dealt.counts.values())
        st.warning(
            f"{count(dealt.too_large[0], 'item')} of {total:,} count as near-identical and are in one split: more "
            "than is plausible. They may only share a template.",
            icon=":material/warning:",
        )
    key = f"apart_{project.id}"
    return st.checkbox(
        "Split up groups this large: only identical texts stay together", value_of(key, dealt.apart), key=key
    )


def _when_it_can(dealt: SplitFacts) -> str:
    same = "The same seed and shares give the same splits while labels and prompts stay the same."
    if dealt.looks or dealt.learned:
        why = "Test has been looked at" if dealt.looks else "A fine-tune has learned from these splits"
        return f"{why}, so you will see what splitting again costs before it is done. {same}"
    return f"Splitting again is free until test is looked at or a fine-tune has learned from train. {same}"
