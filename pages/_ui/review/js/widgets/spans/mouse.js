// What is chosen by a mouse: words, dragged over or double clicked, and a place, clicked on.

import { offsetOf } from "./layout.js";
import { snapped } from "./words.js";

export function listenToMouse(it, node, { choose, look }) {
  node.onpointerdown = (event) => {
    if (event.button === 0) document.addEventListener("pointerup", released, { once: true });
  };
  const released = (event) => setTimeout(() => {
    if (!node.isConnected) return;
    const { laid, text } = it.marking;
    const taken = selected(node, laid, text);
    if (taken) {
      const whole = snapped(text, Math.min(...taken), Math.max(...taken));
      selectionOf(node)?.removeAllRanges();
      if (whole) it.heed(choose(...whole, whole.join() === taken.join() ? null : taken));
    } else {
      const at = pointedAt(node, laid, event);
      if (at !== null) it.heed(look(at));
    }
  });
}

const selectionOf = (node) => node.getRootNode().getSelection?.() ?? document.getSelection();

// From where to where, in the order it was dragged over; null where nothing is.
function selected(node, laid, text) {
  const selection = selectionOf(node);
  if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
  const end = (at, offset) => offsetOf(laid, at, offset) ?? outside(node, at, text);
  const ends = [end(selection.anchorNode, selection.anchorOffset), end(selection.focusNode, selection.focusOffset)];
  return ends[0] === ends[1] ? null : ends;
}

const outside = (node, at, text) =>
  (node.compareDocumentPosition(at) & Node.DOCUMENT_POSITION_PRECEDING ? 0 : text.length);

function pointedAt(node, laid, { clientX, clientY }) {
  const at = document.caretPositionFromPoint?.(clientX, clientY, { shadowRoots: [node.getRootNode()] });
  if (at) return offsetOf(laid, at.offsetNode, at.offset);
  const range = document.caretRangeFromPoint?.(clientX, clientY);
  return range ? offsetOf(laid, range.startContainer, range.startOffset) : null;
}
