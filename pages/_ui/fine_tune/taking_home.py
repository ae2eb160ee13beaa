"""What a tuned model takes along: its model card, and the zip of all it was made of."""

import streamlit as st

from core.model import FineTune, FineTuneStatus
from core.services.hosts.models import tuned_title
from core.workbench import Workbench
from pages._ui.fine_tune.form import NEW, SAME
from pages._ui.shell.built import build_button
from pages._ui.shell.errors import guarded
from pages._ui.shell.frame import link
from pages._ui.shell.pick import pick_switch, pick_text
from pages._ui.words.text import count, digest

_HEIGHT = 420
_END_OF_METADATA = "\n---\n"


def take_home(wb: Workbench, job: FineTune) -> None:
    """Folded, and worked out where it is opened."""
    if job.status.is_live:
        return
    key = f"take-home-{job.id}"
    place = st.expander("Model card and export", icon=":material/luggage:", key=key, on_change="rerun")
    if place.open:
        with place, guarded():
            _inside(wb, job)


def _inside(wb: Workbench, job: FineTune) -> None:
    with_test = _with_test(wb, job)
    card = wb.portable.card(job.id, with_test=with_test)
    name = f"fine-tune-{job.config.get('number', job.id)}"
    with st.container(horizontal=True, vertical_alignment="center"):
        if job.status is FineTuneStatus.SUCCEEDED:
            st.download_button(
                "Download model card",
                card,
                f"{name}-README.md",
                "text/markdown",
                icon=":material/download:",
                on_click="ignore",
                key=f"card-{job.id}",
            )
        build_button(
            "Build a zip of everything",
            digest(str(job.id), str(with_test)),
            f"{wb.export.stamp(job.project_id)} {digest(card)}",
            lambda bar, left: wb.portable.export(job.id, with_test=with_test),
        )
    _kit(wb, job)
    st.caption(
        "The zip has the training files as they were sent, the items with their answers, task, prompt, parameters, "
        "events and results. It has no key. Projects imports it on another machine."
    )
    if job.status is FineTuneStatus.SUCCEEDED:
        st.caption(f"The model card of {tuned_title(job)}:")
        with st.container(height=_HEIGHT):
            st.markdown(card.partition(_END_OF_METADATA)[2])


def _kit(wb: Workbench, job: FineTune) -> None:
    """The same set for training on own hardware; asks for a base where that of the fine-tune is not on the Hub."""
    if not wb.portable.has_training_files(job.id):
        st.caption("Its training file was not kept: fine-tunes of earlier versions kept none.")
        return
    base = wb.portable.base_on_the_hub(job.id)
    link(
        "fine_tune",
        "Send the same set to another host",
        icon=":material/send:",
        **{NEW: 1, SAME: job.id},
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if not base:
            base = pick_text(
                "Base model on the Hugging Face Hub",
                key=f"kit_base_{job.id}",
                default="",
                help="As owner/name, for example Qwen/Qwen3-4B-Instruct-2507. Left empty, the kit asks for it.",
                max_chars=120,
            )
        build_button(
            "Build a LoRA kit",
            digest(str(job.id), "kit", base),
            digest(base),
            lambda bar, left: wb.portable.kit(job.id, base),
        )
    st.caption(
        "The kit trains the same set as LoRA adapters on your own hardware, with TRL and peft: files, script and "
        "configuration. It was not run here."
    )


def _with_test(wb: Workbench, job: FineTune) -> bool:
    """Whether figures and answers of test are told: of their own accord only where they have been seen."""
    ahead = wb.portable.looks_ahead(job.id)
    if not ahead:
        return True
    whole = pick_switch(
        "Include test",
        key=f"take_home_test_{job.id}",
        help="What the models say of test items, and their figures there.",
    )
    st.caption(f":material/lock: Including it counts as {count(ahead, 'look')} at test.")
    return whole
