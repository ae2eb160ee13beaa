"""The difference of two prompt versions, word by word."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.model import PromptVersion
from core.services.prompts.vocabulary import Change
from core.workbench import Workbench
from pages._ui.words.text import plain

_TITLES = {"system": "System message", "user": "User message", "examples": "Worked examples"}

_CSS = """
.diff { margin: 0; font-family: var(--st-code-font); font-size: 0.86rem; line-height: 1.55; white-space: pre-wrap;
  overflow-wrap: anywhere; color: var(--st-text-color); max-height: 24rem; overflow-y: auto; }
.diff ins { background: var(--st-green-background-color); text-decoration: underline; text-underline-offset: 3px; }
.diff del { background: var(--st-red-background-color); text-decoration: line-through; }
.diff .mark { opacity: 0.6; user-select: none; }
"""

# Text only ever reaches the page through text nodes.
_JS = """
export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".diff");
  const parts = data.changes.map(([kind, text]) => {
    if (kind === "same") return document.createTextNode(text);
    const part = document.createElement(kind === "removed" ? "del" : "ins");
    text.split("\\n").forEach((line, index) => {
      if (index) part.append(lineBreakMark(), "\\n");
      part.append(line);
    });
    return part;
  });
  root.replaceChildren(...parts);
}

function lineBreakMark() {
  const mark = document.createElement("span");
  mark.className = "mark";
  mark.textContent = "\\u21b5";
  mark.setAttribute("aria-hidden", "true");
  return mark;
}
"""

_diff = st.components.v2.component("word_diff", html='<pre class="diff">\n</pre>', css=_CSS, js=_JS)


def show_difference(wb: Workbench, other: PromptVersion, base: PromptVersion) -> None:
    """What turns the one with the lower number into the other: removed struck through, added underlined."""
    older, newer = sorted((other, base), key=lambda version: version.number)
    st.subheader(f"What changed from v{older.number} to v{newer.number}", anchor=False)
    if older.id == newer.id:
        st.caption("That is the same version: choose another one to compare with.")
        return
    difference = wb.prompts.diff(older.id, newer.id)
    for part, changes in changed_parts(difference).items():
        with st.container(border=True):
            st.caption(f"{_TITLES.get(part, plain(part))} · {in_words(changes)}")
            _diff(key=f"diff-{part}", data={"changes": [[change.kind, change.text] for change in changes]})
    same = [_TITLES[part].lower() for part in difference if part not in changed_parts(difference)]
    if same:
        st.caption(f"The same in both: {', '.join(same)}.")


def changed_parts(difference: Mapping[str, Sequence[Change]]) -> dict[str, Sequence[Change]]:
    """Only the parts in which something was added or removed."""
    return {part: changes for part, changes in difference.items() if any(change.kind != "same" for change in changes)}


def in_words(changes: Sequence[Change]) -> str:
    """`3 words removed, 5 added`."""
    removed = sum(len(change.text.split()) for change in changes if change.kind == "removed")
    added = sum(len(change.text.split()) for change in changes if change.kind == "added")
    if not removed and not added:
        return "only spaces or line breaks changed"
    return f"{removed:,} removed, {added:,} added (words)"
