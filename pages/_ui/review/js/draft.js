// A note being typed, kept in the browser letter by letter until it is left: a browser may be killed, or reload.

import { log } from "./line.js";
import { atEnd, row } from "./sitting.js";

const DRAFTS = "labelloop.note.";

const keyOf = ({ data }, id) => `${DRAFTS}${log.home}.${data.project} ${id} ${data.reviewer}`;

export function keepDraft(it) {
  try {
    log.storage.setItem(keyOf(it, it.note.id), it.note.text);
  } catch {
    // No room, or none allowed: then it lives as long as the page does.
  }
}

export function dropDraft(it, id) {
  try {
    log.storage.removeItem(keyOf(it, id));
  } catch {
    // Then there is none.
  }
}

// A note that was being typed on the item in view when the page went away is being typed again.
export function takeUpDraft(it, isTyping) {
  if (it.note || atEnd(it)) return;
  const { id } = row(it);
  const text = draftOn(it, id);
  if (text !== null) it.note = { id, text, caret: text.length, isTyping };
}

function draftOn(it, id) {
  try {
    return log.storage.getItem(keyOf(it, id));
  } catch {
    return null;
  }
}
