// What a reviewer does. Every act says what it changes and nothing else, is kept in the log, and sent at once.

import { namesOfStep } from "./asked.js";
import { dropDraft, dropEdit, keepEdit, takeUpDraft, takeUpEdit } from "./draft.js";
import { render, say } from "./draw.js";
import { rest } from "./focus.js";
import { log, send } from "./line.js";
import { addAct } from "./log.js";
import { playOrPause, zoomIn } from "./looking.js";
import { time } from "./pace.js";
import { fallenAway } from "./questions.js";
import { guidelines, keyTable, openSheet } from "./sheets.js";
import {
  asked, atEnd, differs, edited, isShown, itemBeside, markOf, moreLeft, ofItem, onward, ownOf, part, position, prefilled, questionBeside,
  rememberPlace, row,
} from "./sitting.js";

const REST = 1000; // So long nothing is done to an item until what was put together of it is given.

// A label may be refused, a note never: each is an act of its own, of the question in view.
function record(it, step, says, seconds) {
  const [item, project] = namesOfStep(step);
  const act = { project, reviewer: it.data.reviewer, item, turn: it.revision, seconds, blind: it.blind };
  const { note, flag, ...word } = says;
  const hasWord = Object.keys(word).length > 0;
  if (note !== undefined || flag !== undefined) addAct(log, { ...act, note, flag, seconds: hasWord ? 0 : seconds });
  if (hasWord) addAct(log, { ...act, ...word });
}

function act(it, step, says, moves = 0) {
  const seconds = Math.max(0, Math.round(performance.now() - it.since)) / 1000;
  if (saysValue(says)) time(it, step, seconds);
  const undo = contrary(it, step, says);
  record(it, step, says, seconds);
  it.undo.push({ step, moves, undo, redo: says, value: ownOf(it, step) });
  it.redo = [];
}

function contrary(it, step, says) {
  const back = {};
  const { note, flag } = markOf(it, step);
  const before = ownOf(it, step);
  if ("note" in says) back.note = note;
  if ("flag" in says) back.flag = flag;
  if (!saysValue(says)) return back;
  // The one act that takes a label back.
  if (before === null) return { ...back, label: null, back: true };
  return { ...back, ...asked(it).widget.says(asked(it), before) };
}

const saysValue = (says) => "label" in says || "value" in says;

export const sendAll = (it) => {
  clearTimeout(it.moved);
  send({ revision: it.revision, position: position(it), more: it.asking, seek: it.seek });
};

export function decide(it, read) {
  if (atEnd(it)) return;
  const { step } = row(it);
  // While the item is out of the page, a key means the one that was seen last.
  if (!isShown(it) && it.seen !== step) return;
  const question = asked(it);
  const { widget } = question;
  const value = widget.meant(question, read);
  if (widget.isGone(question, value)) return isRemoved(it, widget.words(question, value));
  const why = widget.refuses(question, value);
  if (why) {
    say(it, why);
    return render(it);
  }
  const before = ofItem(it);
  give(it, step, value);
  const fallen = fallenAway(it, before);
  const kept = fallen.length ? `not asked now, its answer is kept: ${fallen.join(", ")} · ` : "";
  const merged = widget.same(read, value) ? "" : `${widget.words(question, read)} was merged into it · `;
  sayValue(it, question, value, `${merged}${kept}U undoes`);
  go(it, onward(it));
  sendAll(it);
}

const sayValue = (it, question, value, aside) => say(it, question.widget.told, { question, value }, aside);

// What was given while it rested is not given twice; to say the same again later is.
function give(it, step, value) {
  const { widget } = asked(it);
  const isGiven = it.rested === step && widget.same(ownOf(it, step), value);
  letGoEdit(it, step);
  const says = { ...(isGiven ? {} : widget.says(asked(it), value)), ...takeNote(it, step) };
  if (Object.keys(says).length) act(it, step, says, 1);
}

export function isRemoved(it, name) {
  say(it, `The label ${name} was removed: pick another`);
  render(it);
}

// A step in putting a value together. It stays with the item until it is completed, left, or rests.
export function change(it, value) {
  const before = isInHand(it) ? edited(it) : undefined;
  editTo(it, value, [...(before === undefined ? [] : it.edit.steps), before]);
}

// Letters of a text that is being written are no steps: what is undone is all that was written of it.
export function typeEdit(it, value) {
  editTo(it, value, isInHand(it) && edited(it) !== undefined ? it.edit.steps : [undefined]);
}

const isInHand = (it) => !atEnd(it) && (isShown(it) || it.seen === row(it).step);

function editTo(it, value, steps) {
  if (!isInHand(it)) return;
  it.edit = { step: row(it).step, value, steps };
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
  if (atEnd(it) || edited(it) === undefined || !it.edit.steps.length) return false;
  const before = it.edit.steps.pop();
  if (before === undefined) {
    letGoEdit(it, it.edit.step);
    render(it);
  } else {
    it.edit.value = before;
    stepped(it);
  }
  return true;
}

function unsnap(it) {
  if (atEnd(it) || !asked(it).widget.unsnap?.(asked(it))) return false;
  say(it, "As it was chosen");
  render(it);
  return true;
}

function letGoEdit(it, step) {
  if (edited(it, step) === undefined) return;
  clearTimeout(it.resting);
  it.edit = null;
  dropEdit(it, step);
}

// Gives what was put together. What cannot be given as it is, or only when it is done, stays a draft of its item.
function giveEdit(it) {
  clearTimeout(it.resting);
  const question = asked(it);
  const { widget } = question;
  if (!it.edit || widget.staysDraft) return;
  const { step } = it.edit;
  const value = widget.meant(question, it.edit.value);
  if (widget.isGone(question, value) || widget.refuses(question, value)) return;
  letGoEdit(it, step);
  if (widget.same(value, ownOf(it, step))) return;
  act(it, step, widget.says(question, value));
  it.rested = step;
  sayValue(it, question, value, "U undoes");
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
  record(it, entry.step, entry[from], 0);
  it.at = it.data.rows.findIndex((one) => one.step === entry.step);
  say(it, word, entry.value === null ? null : { question: asked(it), value: entry.value });
  go(it, from === "redo" && entry.moves ? onward(it) : it.at);
  sendAll(it);
}

function move(it, to) {
  if (to === undefined || to < 0 || to === it.at) return;
  leaveOff(it);
  say(it, "");
  go(it, to);
  // The place alone is not worth a rerun for each key held by an impatient finger.
  clearTimeout(it.moved);
  it.moved = setTimeout(() => sendAll(it), 300);
}

// To another question of the item; false where there is none that way, and the key leads out of the item as ever.
export function turn(it, by) {
  const to = atEnd(it) ? undefined : questionBeside(it, by);
  if (to === undefined) return false;
  move(it, to);
  return true;
}

export const openQuestion = (it, step) => move(it, it.data.rows.findIndex((one) => one.step === step));

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
  const { step } = row(it);
  const flag = !markOf(it, step).flag;
  act(it, step, { flag, ...takeNote(it, step) });
  say(it, flag ? "Flagged" : "Flag removed");
  render(it);
  sendAll(it);
}

// The note as typed so far, for an act that takes it along.
function takeNote(it, step) {
  const note = it.note;
  if (note?.step !== step) return {};
  it.note = null;
  dropDraft(it, step);
  return note.text === markOf(it, step).note ? {} : { note: note.text };
}

export function leaveNote(it) {
  if (!it.note) return;
  const { step } = it.note;
  const says = takeNote(it, step);
  if (!("note" in says)) return;
  act(it, step, says);
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
  back: (it) => move(it, itemBeside(it, -1)),
  skip: (it) => move(it, itemBeside(it, 1)),
  undo: (it) => replay(it, "undo", "redo", "Undone"),
  nothing: (it) => atEnd(it) || change(it, asked(it).widget.nothing),
  question: (it) => turn(it, 1),
  redo: (it) => replay(it, "redo", "undo", "Redone"),
  blind: toggleBlind,
  flag: toggleFlag,
  note: (it) => atEnd(it) || part(it, "note").focus(),
  find: (it) => atEnd(it) || asked(it).widget.field(asked(it)).focus(),
  guidelines: (it) => showSheet(it, it.questions.length > 1 ? `Guidelines: ${asked(it).name}` : "Guidelines", guidelines(it)),
  keys: (it) => showSheet(it, "Keys", keyTable(it)),
  zoom: zoomIn,
  play: playOrPause,
};
