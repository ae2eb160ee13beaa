// A note being typed, and a value being put together, kept in the browser step by step until they are given: a browser
// may be killed, or reload.

import { log } from "./line.js";
import { atEnd, row } from "./sitting.js";

const NOTES = "labelloop.note.";
const VALUES = "labelloop.value.";

const nameOfDraft = (kind, { data }, id) => `${kind}${log.home}.${data.project} ${id} ${data.reviewer}`;

export const keepDraft = (it) => keepText(nameOfDraft(NOTES, it, it.note.id), it.note.text);
export const dropDraft = (it, id) => dropText(nameOfDraft(NOTES, it, id));
export const keepEdit = (it) => keepText(nameOfDraft(VALUES, it, it.edit.id), JSON.stringify(it.edit.value));
export const dropEdit = (it, id) => dropText(nameOfDraft(VALUES, it, id));

// A note that was being typed on the item in view when the page went away is being typed again.
export function takeUpDraft(it, isTyping) {
  if (it.note || atEnd(it)) return;
  const { id } = row(it);
  const text = textKept(nameOfDraft(NOTES, it, id));
  if (text !== null) it.note = { id, text, caret: text.length, isTyping };
}

// So is a value put together further. What another version of this page has left there may be none.
export function takeUpEdit(it) {
  if (it.edit || atEnd(it) || !it.widget.edits) return;
  const { id } = row(it);
  const text = textKept(nameOfDraft(VALUES, it, id));
  if (text === null) return;
  try {
    it.edit = { id, value: it.widget.meant(it, JSON.parse(text)), steps: [] };
  } catch {
    dropEdit(it, id);
  }
}

function keepText(name, text) {
  try {
    log.storage.setItem(name, text);
  } catch {
    // No room, or none allowed: then it lives as long as the page does.
  }
}

function dropText(name) {
  try {
    log.storage.removeItem(name);
  } catch {
    // Then there is none.
  }
}

function textKept(name) {
  try {
    return log.storage.getItem(name);
  } catch {
    return null;
  }
}
