"""Sends what is typed into text areas as it is typed, so that mistakes are named at once and not on leaving the field.

`st.text_area` hands its text over when it is left or on Ctrl+Enter. This presses Ctrl+Enter after a short pause. Where
it does not run, the fields work as they always do.
"""

import streamlit as st

_JS = """
const PAUSE = 350;

export default function (component) {
  const { data } = component;
  let timer = null;
  const onInput = (event) => {
    const area = event.target;
    if (area.tagName !== "TEXTAREA" || !area.closest("." + data.container)) return;
    clearTimeout(timer);
    timer = setTimeout(() => commit(area), PAUSE);
  };
  const onLeaving = () => commit(document.activeElement);
  document.addEventListener("input", onInput, true);
  window.addEventListener("pagehide", onLeaving);
  return () => {
    clearTimeout(timer);
    window.removeEventListener("pagehide", onLeaving);
    document.removeEventListener("input", onInput, true);
  };
}

function commit(area) {
  if (document.activeElement !== area || area.tagName !== "TEXTAREA") return;
  area.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", code: "Enter", ctrlKey: true, bubbles: true }));
}
"""

_listener = st.components.v2.component("while_typing", html="<span hidden>\n</span>", js=_JS)


def while_typing(container: str) -> None:
    """For every text area in the `st.container` with this key."""
    _listener(key=f"typing-{container}", data={"container": f"st-key-{container}"}, height=0)
