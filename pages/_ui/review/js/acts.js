// What a reviewer does. Every act says what it changes and nothing else, is kept in the log, and sent at once.

import { dropDraft, dropEdit, keepEdit, takeUpDraft, takeUpEdit } from "./draft.js";
import { render, say } from "./draw.js";
import { rest } from "./focus.js";
import { log, send } from "./line.js";
import { addAct } from "./log.js";
import { playOrPause, zoomIn } from "./looking.js";
import { guidelines, keyTable, openSheet } from "./sheets.js";
import {
  atEnd, differs, edited, isShown, moreLeft, ownOf, part, position, prefilled, rememberPlace, row,
} from "./sitting.js";

const REST = 1000; // So long nothing is done to an item until what was put together of it is given.

// A label may be refused, a note never: each is an act of its own.
function record(it, id, says, seconds) {
  const { project, reviewer } = it.data;
  const act = { project, reviewer, item: id, turn: it.revision, seconds, blind: it.blind };
  const { note, flag, ...word } = says;
  const hasWord = Object.keys(word).length > 0;
  if (note !== undefined || flag !== undefined) addAct(log, { ...act, note, flag, seconds: hasWord ? 0 : seconds });
  if (hasWord) addAct(log, { ...act, ...word });
}

function act(it, id, says, moves = 0) {
  const seconds = Math.max(0, Math.round(performance.now() - it.since)) / 1000;
  if (saysValue(says)) it.timed.push(seconds);
  const before = ownOf(it, id);
  record(it, id, says, seconds);
  it.undo.push({ id, moves, undo: contrary(it, before, says), redo: says, value: ownOf(it, id).value });
  it.redo = [];
}

function contrary(it, before, says) {
  const back = {};
  if ("note" in says) back.note = before.note;
  if ("flag" in says) back.flag = before.flag;
  if (!saysValue(says)) return back;
  // The one act that takes a label back.
  return before.value === null ? { ...back, label: null, back: true } : { ...back, ...it.widget.says(it, before.value) };
}

const saysValue = (says) => "label" in says || "value" in says;

export const sendAll = (it) => {
  clearTimeout(it.moved);
  send({ revision: it.revision, position: position(it), more: it.asking, seek: it.seek });
};

export function decide(it, read) {
  if (atEnd(it)) return;
  const { id } = row(it);
  // While the item is out of the page, a key means the one that was seen last.
  if (!isShown(it) && it.seen !== id) return;
  const value = it.widget.meant(it, read);
  if (it.widget.isGone(it, value)) return isRemoved(it, it.widget.words(it, value));
  const why = it.widget.refuses(it, value);
  if (why) {
    say(it, why);
    return render(it);
  }
  give(it, id, value);
  const merged = it.widget.same(read, value) ? "" : `${it.widget.words(it, read)} was merged into it · `;
  say(it, it.widget.told, value, `${merged}U undoes`);
  go(it, it.at + 1);
  sendAll(it);
}

// What was given while it rested is not given twice; to say the same again later is.
function give(it, id, value) {
  const isGiven = it.rested === id && it.widget.same(ownOf(it, id).value, value);
  letGoEdit(it, id);
  const says = { ...(isGiven ? {} : it.widget.says(it, value)), ...takeNote(it, id) };
  if (Object.keys(says).length) act(it, id, says, 1);
}

export function isRemoved(it, name) {
  say(it, `The label ${name} was removed: pick another`);
  render(it);
}

// A step in putting a value together. It stays with the item until it is completed, left, or rests.
export function change(it, value) {
  if (atEnd(it)) return;
  const { id } = row(it);
  if (!isShown(it) && it.seen !== id) return;
  const before = edited(it, id);
  it.edit = { id, value, steps: [...(before === undefined ? [] : it.edit.steps), before] };
  stepped(it);
}

// Letters of a text that is being written are no steps: what is undone is all that was written of it.
export function typeEdit(it, value) {
  if (atEnd(it)) return;
  const { id } = row(it);
  if (!isShown(it) && it.seen !== id) return;
  it.edit = { id, value, steps: edited(it, id) === undefined ? [undefined] : it.edit.steps };
  stepped(it);
}

function stepped(it) {
  keepEdit(it);
  say(it, "");
  render(it);
  waitForRest(it);
}

function waitForRest(it) {
  clearTimeout(it.resting);
  it.resting = setTimeout(() => giveEdit(it), REST);
}

// Something was done to the item that changes nothing of its value, and may have to be said.
export function stir(it, words) {
  if (it.edit) waitForRest(it);
  if (words === undefined || !it.data) return;
  say(it, words);
  render(it);
}

// The last step back; false where there is none.
function stepBack(it) {
  if (atEnd(it) || edited(it, row(it).id) === undefined || !it.edit.steps.length) return false;
  const before = it.edit.steps.pop();
  if (before === undefined) {
    letGoEdit(it, it.edit.id);
    render(it);
  } else {
    it.edit.value = before;
    stepped(it);
  }
  return true;
}

function unsnap(it) {
  if (atEnd(it) || !it.widget.unsnap?.(it)) return false;
  say(it, "As it was chosen");
  render(it);
  return true;
}

function letGoEdit(it, id) {
  if (edited(it, id) === undefined) return;
  clearTimeout(it.resting);
  it.edit = null;
  dropEdit(it, id);
}

// Gives what was put together. What cannot be given as it is, or only when it is done, stays a draft of its item.
function giveEdit(it) {
  clearTimeout(it.resting);
  if (!it.edit || it.widget.staysDraft) return;
  const { id } = it.edit;
  const value = it.widget.meant(it, it.edit.value);
  if (it.widget.isGone(it, value) || it.widget.refuses(it, value)) return;
  letGoEdit(it, id);
  if (it.widget.same(value, ownOf(it, id).value)) return;
  act(it, id, it.widget.says(it, value));
  it.rested = id;
  say(it, it.widget.told, value, "U undoes");
  render(it);
  sendAll(it);
}

export function leaveOff(it) {
  leaveNote(it);
  giveEdit(it);
  it.edit = null;
}

export function accept(it) {
  if (atEnd(it)) return askMore(it);
  const value = prefilled(it);
  if (value !== null) return decide(it, value);
  leaveNote(it);
  say(it, it.blind ? "Others are hidden: pick a label" : noSuggestion(it));
  render(it);
}

const noSuggestion = (it) => (differs(it) ? "They differ: choose a label" : "No suggestion here: pick a label");

function replay(it, from, to, word) {
  if (from === "undo" && (unsnap(it) || stepBack(it))) return;
  leaveOff(it);
  const entry = it[from].pop();
  if (!entry) {
    say(it, from === "undo" ? "Nothing to undo" : "Nothing to redo");
    return render(it);
  }
  it[to].push(entry);
  record(it, entry.id, entry[from], 0);
  say(it, word, entry.value);
  const place = it.data.rows.findIndex((one) => one.id === entry.id);
  go(it, from === "undo" ? place : place + entry.moves);
  sendAll(it);
}

function move(it, step) {
  const to = it.at + step;
  if (to < 0 || to > it.data.rows.length) return;
  leaveOff(it);
  say(it, "");
  go(it, to);
  // The place alone is not worth a rerun for each key held by an impatient finger.
  clearTimeout(it.moved);
  it.moved = setTimeout(() => sendAll(it), 300);
}

function go(it, to) {
  it.at = to;
  it.rested = null;
  rememberPlace(it);
  takeUpDraft(it, false);
  takeUpEdit(it);
  render(it);
}

function toggleFlag(it) {
  if (atEnd(it)) return;
  const { id } = row(it);
  const flag = !ownOf(it, id).flag;
  act(it, id, { flag, ...takeNote(it, id) });
  say(it, flag ? "Flagged" : "Flag removed");
  render(it);
  sendAll(it);
}

// The note as typed so far, for an act that takes it along.
function takeNote(it, id) {
  const note = it.note;
  if (note?.id !== id) return {};
  it.note = null;
  dropDraft(it, id);
  return note.text === ownOf(it, id).note ? {} : { note: note.text };
}

export function leaveNote(it) {
  if (!it.note) return;
  const { id } = it.note;
  const says = takeNote(it, id);
  if (!("note" in says)) return;
  act(it, id, says);
  say(it, "Note saved");
  render(it);
  sendAll(it);
}

function toggleBlind(it) {
  it.blind = !it.blind;
  say(it, it.blind ? "The others are hidden" : "The others are shown");
  render(it);
}

function askMore(it) {
  if (!moreLeft(it) || it.asking) return;
  it.asking = true;
  render(it);
  sendAll(it);
}

export function showSheet(it, title, content) {
  leaveNote(it);
  openSheet(it, title, content);
}

export function closeSheet(it) {
  part(it, "overlay").hidden = true;
  rest(it);
}

export const COMMANDS = {
  accept,
  back: (it) => move(it, -1),
  skip: (it) => move(it, 1),
  undo: (it) => replay(it, "undo", "redo", "Undone"),
  nothing: (it) => atEnd(it) || change(it, it.widget.nothing),
  redo: (it) => replay(it, "redo", "undo", "Redone"),
  blind: toggleBlind,
  flag: toggleFlag,
  note: (it) => atEnd(it) || part(it, "note").focus(),
  find: (it) => atEnd(it) || it.widget.field(it).focus(),
  guidelines: (it) => showSheet(it, "Guidelines", guidelines(it)),
  keys: (it) => showSheet(it, "Keys", keyTable(it)),
  zoom: zoomIn,
  play: playOrPause,
};
