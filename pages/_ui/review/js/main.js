// The component as Streamlit knows it. It is called anew with each change of data or theme, for elements that may be new;
// cleanups of earlier calls may come late. So what matters lives in the sitting, and cleaning up means only: the elements
// are gone.

import { referencesIn } from "../../words/parts.js";
import { closeSheet, COMMANDS, leaveNote, leaveOff, sendAll, openQuestion } from "./acts.js";
import { dropDraft, keepDraft, takeUpDraft, takeUpEdit } from "./draft.js";
import { render, renderStanding, say } from "./draw.js";
import { dim, rest, watchFocus } from "./focus.js";
import { carry, onKey } from "./keys.js";
import { attachLine, log, onNews, watchConnection } from "./line.js";
import { asked, atEnd, beginSitting, hasOtherBatches, isShown, markOf, part, rememberPlace, renewRows, row, sittingOf } from "./sitting.js";
import { choiceWidget } from "./widgets/choice.js";
import { choicesWidget } from "./widgets/choices.js";
import { pairWidget } from "./widgets/pair.js";
import { rankWidget } from "./widgets/rank.js";
import { scaleWidget } from "./widgets/scale.js";
import { spansWidget } from "./widgets/spans.js";
import { textWidget } from "./widgets/text.js";

const WIDGETS = {
  choice: choiceWidget,
  choices: choicesWidget,
  pair: pairWidget,
  rank: rankWidget,
  scale: scaleWidget,
  spans: spansWidget,
  text: textWidget,
};

let current = null;
let early = null; // The screen, where it came before the line: without the log it would show what is decided already.

export default function (component) {
  const { data, parentElement } = component;
  if (!data || !parentElement.isConnected) return;
  if ("upTo" in data) {
    attachLine(component, data);
    if (early) mount(early);
    return;
  }
  if (log.home) mount(component);
  else early = component;
  return () => {
    if (early === component) early = null;
    const it = sittingOf(data.key);
    if (it.root && !isShown(it)) leave(it);
  };
}

function mount({ data, parentElement }) {
  early = null;
  const root = parentElement.querySelector(".review");
  if (!root) return;
  const it = sittingOf(data.key);
  watchOnce();
  current = it;
  show(it, root, data);
}

function show(it, root, data) {
  const isNewRoot = it.root !== root;
  if (isNewRoot) {
    it.root = root;
    it.drawn = null;
    it.path = location.pathname;
    listen(it);
  }
  if (it.revision !== data.revision) begin(it, data);
  else if (it.given !== data) renewRows(it, data);
  else if (!isNewRoot) return;
  it.isLeft = false;
  it.mounted = null;
  if (log.home && it.isResumed) takeUp(it, false);
  render(it);
  if (!it.isResumed) resume(it);
  else if (isNewRoot && it.note?.isTyping) typeOn(it);
  dim(it);
}

function begin(it, data) {
  if (it.data) leaveOff(it);
  clearTimeout(it.moved);
  it.widgets = WIDGETS;
  it.drawn = null;
  it.note = null;
  beginSitting(it, data);
  if ((it.seek && hasOtherBatches(it)) || lacksFiles(it)) sendAll(it);
  else rememberPlace(it);
  part(it, "overlay").hidden = true;
}

// Files are offered of the items about the one where the server begins; the browser may be at another.
function lacksFiles(it) {
  return !atEnd(it) && (row(it).parts ?? []).flatMap(referencesIn).some((one) => it.data.files[one] === undefined);
}

// The elements are gone: for good, or to be put back at once. A note stays being typed, and is kept in any case.
function leave(it) {
  it.gone = performance.now();
  turnedTo(it, location.pathname);
  clearTimeout(it.moved);
  const note = it.note;
  leaveNote(it);
  it.note = note;
}

// Whoever turned to another page has not seen the item since, also when they are back before it is.
function turnedTo(it, path) {
  if (!it?.path || path === it.path) return;
  it.isLeft = true;
  it.questions.forEach((one) => (one.find = null));
}

function listen(it) {
  it.root.onclick = (event) => clicked(it, event);
  it.heed = (meant) => carry(it, meant);
  const note = part(it, "note");
  note.onfocus = () => writing(it);
  note.oninput = note.onkeyup = note.onpointerup = () => writing(it);
  note.onblur = () => queueMicrotask(() => isShown(it) && part(it, "note") === note && leaveNote(it));
  part(it, "overlay").onclick = (event) => {
    if (event.target === part(it, "overlay")) closeSheet(it);
  };
}

function writing(it) {
  if (atEnd(it) || it.root.getRootNode().activeElement !== part(it, "note")) return;
  const { value, selectionStart } = part(it, "note");
  const { step } = row(it);
  it.note = { step, text: value, caret: selectionStart, isTyping: true };
  if (value === markOf(it, step).note) dropDraft(it, step);
  else keepDraft(it);
}

// Whoever typed a note before a reload types on, once the line has said whose notes these are.
function resume(it) {
  if (!log.home) return;
  it.isResumed = true;
  takeUp(it, true);
  if (!it.note && !it.edit) return;
  render(it);
  if (!it.note) return;
  typeOn(it);
}

function takeUp(it, isTyping) {
  takeUpDraft(it, isTyping);
  takeUpEdit(it);
}

function typeOn(it) {
  const { caret } = it.note;
  part(it, "note").focus({ preventScroll: true });
  part(it, "note").setSelectionRange(caret, caret);
}

function clicked(it, event) {
  const button = event.target.closest("button");
  if (button) {
    const meant = asked(it).widget.clicked(asked(it), button);
    if (meant) carry(it, { ...meant, stay: true });
    else if (button.dataset.step) openQuestion(it, button.dataset.step);
    else if (button.dataset.act) ordered(it, button.dataset.act);
    else if (button.classList.contains("close")) closeSheet(it);
    else if (button.classList.contains("resting")) rest(it);
  }
  const typing = it.root.getRootNode().activeElement?.matches("input");
  const byMouse = event.detail > 0;
  if (byMouse && !typing && part(it, "overlay").hidden && !String(getSelection())) rest(it);
}

function ordered(it, act) {
  if (COMMANDS[act]) COMMANDS[act](it);
  else carry(it, { ...asked(it).widget.command(asked(it), act), stay: true });
}

let isWatching = false;

function watchOnce() {
  if (isWatching) return;
  isWatching = true;
  document.addEventListener("keydown", (event) => onKey(current, event), true);
  document.addEventListener("visibilitychange", onVisibility);
  // Where a browser tells of each step; else the cleanup does, unless one was back sooner.
  window.navigation?.addEventListener("navigate", (event) => turnedTo(current, new URL(event.destination.url).pathname));
  watchFocus(() => current);
  watchConnection();
  onNews((told) => heard(current, told));
}

// What the server says of the acts it was sent.
function heard(it, { lost = [], gone = null }) {
  if (!it?.data) return;
  if (gone === String(it.data.project)) it.isLeft = true;
  if (!it.isResumed && isShown(it)) resume(it);
  if (lost.length) say(it, lost.length === 1 ? "One decision was not stored" : `${lost.length} decisions were not stored`);
  if (lost.length) render(it);
  else renderStanding(it);
}

let hiddenSince = null;

// Time in another tab is not time spent on the item.
function onVisibility() {
  if (document.hidden) hiddenSince = performance.now();
  else if (hiddenSince !== null && current) {
    // An item may have come into view while the page was hidden.
    current.since += performance.now() - Math.max(hiddenSince, current.since);
    hiddenSince = null;
  }
}
