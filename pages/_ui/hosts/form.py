"""The form of one host: what matters first, the rest folded; and the place to type a key."""

from dataclasses import replace

import streamlit as st

from core.errors import WorkbenchError
from core.model import Host, Masking
from core.services.hosts.drafts import EFFORTS, HostDraft, draft_of, new_draft
from core.services.hosts.vocabulary import PROFILES, HostProfile, profile_of
from core.workbench import Workbench
from pages._ui.hosts.consent import KINDS
from pages._ui.shell.connection import keep, place_of, text_of, these_of, value_of
from pages._ui.shell.errors import show_error
from pages._ui.shell.fold import fold
from pages._ui.shell.lead import own
from pages._ui.shell.pick import pick
from pages._ui.shell.press import is_submitted
from pages._ui.words.text import plain

OPENED = "host"
_KIND = "add_host"
_ADD, _ADDED = "new_host", "new_host:added"
_BOUNDS = {
    "answer_tokens": ("Maximum tokens per answer", 1_000_000, "Limits what one answer can cost. Thinking counts too."),
    "in_flight": ("Calls in flight", 1024, "The maximum number of calls at the same time."),
    "requests_per_minute": ("Requests per minute", 10_000_000, "Used if the host does not announce its own limit."),
    "tokens_per_minute": ("Tokens per minute", 1_000_000_000, "Used if the host does not announce its own limit."),
}


def add_host(wb: Workbench) -> None:
    """Choose a kind of host, fill in what it needs: behind one line, unless a link asks for a kind."""
    if st.session_state.pop(_ADDED, False):
        st.session_state[_ADD] = False
    place = fold("Add a host", key=_ADD, default=False, asked=[_KIND], icon=":material/add:")
    if place.open:
        with place:
            _new_host(wb)


def _new_host(wb: Workbench) -> None:
    kinds = {key: profile.title for key, profile in PROFILES.items() if key != "embedded"}
    place, about = st.columns([1, 2.6], vertical_alignment="bottom")
    with place:
        profile = PROFILES[pick("Kind of host", kinds, key=_KIND)]
    about.caption(_about(profile))
    # Once one is added, the next form begins anew.
    key = f"new-{profile.key}-{len(wb.hosts.all())}"
    draft = _form(profile, new_draft(profile), key, "Add", icon=":material/add:")
    if draft is None:
        return
    try:
        host = wb.hosts.add(profile.key, draft)
    except WorkbenchError as error:
        show_error(error)
        return
    st.toast(f"{plain(host.title)} was added: test it now.", icon=":material/dns:")
    st.query_params[OPENED] = host.key
    st.session_state[_ADDED] = True
    st.rerun()


def edit_host(wb: Workbench, host: Host) -> None:
    """Change what was said of it; runs under way keep what they began with."""
    draft = _form(profile_of(host), draft_of(host), f"edit-{host.key}", "Save", icon=":material/save:")
    if draft is None:
        return
    try:
        wb.hosts.edit(host.key, draft)
    except WorkbenchError as error:
        show_error(error)
        return
    st.toast(f"{plain(draft.title)} is saved.", icon=":material/save:")
    st.rerun()


def type_key(wb: Workbench, host: Host) -> None:
    """A key for this process alone, and a way to forget it."""
    field = f"key-{host.key}"

    def keep() -> None:
        try:
            wb.hosts.type_key(host.key, st.session_state[field])
        except WorkbenchError as error:
            st.session_state[f"{field}-trouble"] = str(error)
        st.session_state[field] = ""

    with (
        st.form(f"form-{field}", clear_on_submit=True, border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.text_input("Key", type="password", key=field, autocomplete="off", placeholder="type or paste it", width=320)
        st.form_submit_button("Use this key", icon=":material/key:", on_click=keep)
    if trouble := st.session_state.pop(f"{field}-trouble", ""):
        st.error(plain(trouble), icon=":material/error:")
    st.caption(
        "A typed key stays in the memory of this program until it stops; it is never stored, logged or shown. "
        "A worker started elsewhere does not have it."
    )


def _about(profile: HostProfile) -> str:
    parts = [plain(profile.about)] if profile.about else []
    parts += [f"Keys: {plain(profile.key_page)}"] if profile.key_page else []
    return " ".join(parts)


def _form(profile: HostProfile, draft: HostDraft, key: str, submit: str, *, icon: str) -> HostDraft | None:
    """The draft as it was submitted just now, else None."""
    with st.form(key, border=False, enter_to_submit=True):
        filled = _what_matters(profile, draft, key)
        with st.expander(_more(draft), type="compact"):
            filled = _asking(_masking(filled, key), key)
        pressed = is_submitted(submit, type=own(key, presses=True), icon=icon)
    return filled if pressed else None


def _what_matters(profile: HostProfile, draft: HostDraft, key: str) -> HostDraft:
    name, address, variable = st.columns([1.2, 2.2, 1.4])
    title = name.text_input("Name", text_of(f"{key}-title", draft.title), max_chars=60, key=f"{key}-title")
    if profile.key == "embedded":
        return replace(draft, title=title or "")
    base_url = address.text_input(
        "Address",
        text_of(f"{key}-address", draft.base_url),
        key=f"{key}-address",
        placeholder="https://host.example/v1",
        help=f"Put yours in place of {{{profile.places[0]}}}."
        if profile.places
        else "The address in front of /chat/completions.",
    )
    key_variable = variable.text_input(
        "Key variable",
        text_of(f"{key}-variable", draft.key_variable),
        key=f"{key}-variable",
        placeholder="none" if not profile.needs_key else "",
        help="Read from the environment or from .streamlit/secrets.toml. Only its name is stored, never the key.",
    )
    return replace(draft, title=title or "", base_url=base_url or "", key_variable=key_variable or "")


def _masking(draft: HostDraft, key: str) -> HostDraft:
    kinds_place, names_place = st.columns([1, 1.2])
    kinds = kinds_place.multiselect(
        "Mask before sending",
        list(KINDS),
        these_of(f"{key}-kinds", list(KINDS), draft.masking.kinds),
        format_func=KINDS.__getitem__,
        key=f"{key}-kinds",
        placeholder="nothing",
        help="Replaced by consistent placeholders, such as [EMAIL_3F2A90C7]. “Try it” on Prompts shows the result.",
    )
    names = names_place.text_area(
        "Also mask these names",
        text_of(f"{key}-names", "\n".join(draft.masking.names)),
        key=f"{key}-names",
        height=68,
        placeholder="one per line",
    )
    own = tuple(dict.fromkeys(line.strip() for line in (names or "").splitlines() if line.strip()))
    return replace(draft, masking=Masking(tuple(kinds), own))


def _asking(draft: HostDraft, key: str) -> HostDraft:
    extra_place, effort_place = st.columns([2.6, 1])
    extra = extra_place.text_area(
        "Extra parameters",
        text_of(f"{key}-extra", draft.extra),
        key=f"{key}-extra",
        height=90,
        placeholder='{"chat_template_kwargs": {"enable_thinking": false}}',
        help="A JSON object, sent with each request. A null removes a parameter.",
    )
    effort = effort_place.selectbox(
        "Reasoning effort",
        EFFORTS,
        place_of(
            f"{key}-effort", EFFORTS, EFFORTS.index(draft.reasoning_effort) if draft.reasoning_effort in EFFORTS else 0
        ),
        format_func=lambda one: one or "the host's default",
        key=f"{key}-effort",
    )
    limits = {}
    for place, (name, (label, most, help_)) in zip(st.columns(len(_BOUNDS)), _BOUNDS.items(), strict=True):
        limits[name] = place.number_input(
            label,
            1,
            most,
            value_of(f"{key}-{name}", getattr(draft, name)),
            placeholder="found out",
            key=keep(f"{key}-{name}"),
            help=help_,
        )
    return replace(draft, extra=extra or "", reasoning_effort=effort or "", **limits)


def _more(draft: HostDraft) -> str:
    """The title of the fold says what is set inside."""
    said = [
        *(["masking"] if draft.masking else []),
        *(["extra parameters"] if draft.extra else []),
        *([f"reasoning effort {draft.reasoning_effort}"] if draft.reasoning_effort else []),
        *(["limits"] if any(getattr(draft, name) is not None for name in _BOUNDS) else []),
    ]
    return f"Masking, parameters, limits · set: {', '.join(said)}" if said else "Masking, parameters, limits"
