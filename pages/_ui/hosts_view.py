"""The parts of the Hosts page: the hosts there are, the test of one, and how to add another."""

import streamlit as st

from core.errors import WorkbenchError
from core.model import Host
from core.workbench import Workbench
from pages._ui.text import count, plain

_WIDTHS = (2.2, 2.6, 2.2, 2.6, 1.1)
_TESTS = "host-tests"


def hosts_table(wb: Workbench, hosts: list[Host]) -> None:
    """One row a host; its test button asks it for its models."""
    with st.container(border=True):
        for column, title in zip(st.columns(_WIDTHS), ("Host", "Address", "Key", "Can do", ""), strict=True):
            column.caption(title)
        for host in hosts:
            _row(wb, host)


def _row(wb: Workbench, host: Host) -> None:
    name, address, key, can, test = st.columns(_WIDTHS, vertical_alignment="center")
    name.markdown(f"**{plain(host.title)}**")
    address.text(host.base_url or "this machine, started when first needed")
    key.markdown(_key_state(wb, host))
    can.markdown("label, fine-tune" if host.can_fine_tune else "label")
    if test.button("Test", key=f"test-{host.key}", icon=":material/network_check:"):
        with st.spinner(f"Asking {plain(host.title)} for its models …"):
            st.session_state.setdefault(_TESTS, {})[host.key] = _tested(wb, host)
    if host.about:
        st.caption(plain(host.about))
    _show_result(st.session_state.get(_TESTS, {}).get(host.key))


def _key_state(wb: Workbench, host: Host) -> str:
    if not host.key_variable:
        return ":gray[not needed]"
    if wb.hosts.has_key(host.key):
        return f":green[:material/check:] {plain(host.key_variable)} is set"
    return f":orange[:material/remove:] {plain(host.key_variable)} is not set"


def _tested(wb: Workbench, host: Host) -> tuple[bool, str]:
    try:
        models = wb.hosts.test(host.key)
    except WorkbenchError as error:
        return False, str(error)
    named = ", ".join(models[:5]) + (" …" if len(models) > 5 else "")
    return True, f"Connected, {count(len(models), 'model')}" + (f": {named}" if named else "")


def _show_result(result: tuple[bool, str] | None) -> None:
    if result is None:
        return
    worked, sentence = result
    if worked:
        st.success(plain(sentence), icon=":material/check_circle:")
    else:
        st.error(plain(sentence), icon=":material/error:")


def how_to_add(hosts: list[Host]) -> None:
    """Hosts come from the environment, so that no key is ever stored."""
    st.subheader("Add a host", anchor=False)
    st.markdown(
        "Hosts are read from the environment when LabelLoop starts. "
        "Keys stay there: they are never stored, logged, exported or shown."
    )
    openai, other = st.columns(2, gap="medium")
    with openai:
        st.caption("OpenAI")
        st.code("OPENAI_API_KEY=sk-… make run", language="bash")
    with other:
        st.caption("Any other server of the OpenAI protocol: vLLM, Ollama, LM Studio, a company gateway")
        st.code("OPENAI_BASE_URL=http://localhost:8000/v1 make run", language="bash")
    if len(hosts) == 1:
        st.caption("Nothing has to be added: the embedded host labels and learns without key, GPU or network.")
