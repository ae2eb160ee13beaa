// A note being typed, and a value being put together, kept in the browser step by step until they are given: a browser
// may be killed, or reload.

import { namesOfStep } from "./asked.js";
import { log } from "./line.js";
import { asked, atEnd, row } from "./sitting.js";

const NOTES = "labelloop.note.";
const VALUES = "labelloop.value.";

function nameOfDraft(kind, { data }, step) {
  const [item, project] = namesOfStep(step);
  return `${kind}${log.home}.${project} ${item} ${data.reviewer}`;
}

export const keepDraft = (it) => keepText(nameOfDraft(NOTES, it, it.note.step), it.note.text);
export const dropDraft = (it, step) => dropText(nameOfDraft(NOTES, it, step));
export const keepEdit = (it) => keepText(nameOfDraft(VALUES, it, it.edit.step), JSON.stringify(it.edit.value));
export const dropEdit = (it, step) => dropText(nameOfDraft(VALUES, it, step));

// A note that was being typed on the item in view when the page went away is being typed again.
export function takeUpDraft(it, isTyping) {
  if (it.note || atEnd(it)) return;
  const { step } = row(it);
  const text = textKept(nameOfDraft(NOTES, it, step));
  if (text !== null) it.note = { step, text, caret: text.length, isTyping };
}

// So is a value put together further. What another version of this page has left there may be none.
export function takeUpEdit(it) {
  const question = asked(it);
  if (it.edit || atEnd(it) || !question.widget.edits) return;
  const { step } = row(it);
  const text = textKept(nameOfDraft(VALUES, it, step));
  if (text === null) return;
  try {
    it.edit = { step, value: question.widget.meant(question, JSON.parse(text)), steps: [] };
  } catch {
    dropEdit(it, step);
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
