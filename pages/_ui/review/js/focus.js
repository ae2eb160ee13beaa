// Where the keys go. While another field has them, the item is dimmed and says how to come back.

import { isShown } from "./sitting.js";

export const TYPING = "input, textarea, select, [contenteditable]:not([contenteditable='false'])";
const AWAY = TYPING + ", [role=dialog]";
const OPENED = "[aria-expanded]";

export const rest = (it) => isShown(it) && it.root.focus({ preventScroll: true });

export function watchFocus(current) {
  const unfold = new MutationObserver(() => folded(current()));
  unfold.observe(document.body, { subtree: true, attributes: true, attributeFilter: ["aria-expanded"], attributeOldValue: true });
  for (const name of ["focusin", "focusout"]) {
    document.addEventListener(name, () => queueMicrotask(() => dim(current())), true);
  }
}

export function dim(it) {
  if (!it || !isShown(it)) return;
  const active = document.activeElement;
  const isOwn = !active || active === it.root.getRootNode().host;
  it.root.toggleAttribute("data-resting", !isOwn && Boolean(active.closest(AWAY)));
}

// A choice was made, or given up: what was open and had the focus has closed.
function folded(it) {
  const active = document.activeElement;
  if (!it || !isShown(it) || !active?.matches(OPENED) || active.getAttribute("aria-expanded") === "true") return;
  if (!active.closest("[role=dialog], [data-testid=stPopoverBody], [data-testid=stSidebar]")) rest(it);
}
