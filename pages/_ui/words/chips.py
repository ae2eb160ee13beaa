"""Labels as coloured chips. Names come from users and data, so they are written as text, never as markup."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from core.services.task.vocabulary import text_on


@dataclass(frozen=True)
class Chip:
    """`who` stands before the label with its annotator's colour, `key` in a small box, `after` behind, lighter."""

    label: str
    color: str = ""
    key: str = ""
    who: str = ""
    who_color: str = ""
    after: str = ""
    title: str = ""


_HTML = """
<div class="chips"></div>
"""
_CSS = """
.chips { display: flex; flex-wrap: wrap; gap: 6px 8px; font-family: var(--st-font); font-size: 0.86rem; }
.chips.rows { flex-direction: column; align-items: flex-start; }
.one { display: inline-flex; align-items: center; gap: 6px; max-width: 100%; }
.chip { border-radius: 5px; padding: 2px 8px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
  background: var(--st-secondary-background-color); color: var(--st-text-color); max-width: 22rem; }
.key { border: 1px solid currentColor; border-radius: 3px; padding: 0 4px; margin-right: 6px; font-size: 0.75rem;
  opacity: 0.85; }
.who { color: var(--st-text-color); min-width: 5.5rem; display: inline-flex; align-items: center; gap: 6px; }
.dot { width: 8px; height: 8px; border-radius: 50%; flex: none; }
.after { color: var(--st-text-color); opacity: 0.65; }
"""
_JS = """
export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".chips");
  root.replaceChildren();
  root.classList.toggle("rows", data.rows);
  const add = (parent, name, text) => {
    const node = document.createElement("span");
    node.className = name;
    node.textContent = text;
    parent.append(node);
    return node;
  };
  for (const chip of data.chips) {
    const one = add(root, "one", "");
    if (chip.who) {
      const who = add(one, "who", "");
      add(who, "dot", "").style.background = chip.who_color;
      add(who, "", chip.who);
    }
    const label = add(one, "chip", "");
    if (chip.color) {
      label.style.background = chip.color;
      label.style.color = chip.ink;
    }
    if (chip.title) label.title = chip.title;
    if (chip.key) add(label, "key", chip.key);
    add(label, "", chip.label);
    if (chip.after) add(one, "after", chip.after);
  }
}
"""
_MOUNT = st.components.v2.component("labelloop_chips", html=_HTML, css=_CSS, js=_JS, isolate_styles=True)


def chips(shown: Sequence[Chip], *, key: str, rows: bool = False) -> None:
    """The chips side by side, or one a line."""
    data = [asdict(chip) | {"ink": text_on(chip.color) if chip.color else ""} for chip in shown]
    _MOUNT(key=key, data={"chips": data, "rows": rows})
