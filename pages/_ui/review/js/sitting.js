// What a reviewer is doing, by the component's key: it outlives the elements it is shown in, which Streamlit takes out
// and puts back as it likes.

import { lay, namesOfStep, stepOf, stepsOf } from "./asked.js";
import { log } from "./line.js";
import { forgetKnown, wordOn } from "./log.js";

const sittings = new Map();

export function sittingOf(key) {
  if (!sittings.has(key)) {
    sittings.set(key, { key, root: null, data: null, revision: null, at: 0, seen: null, note: null, edit: null, told: [""] });
  }
  return sittings.get(key);
}

export const part = (it, name) => it.root.querySelector("." + name);
export const isShown = (it) => Boolean(it.root?.isConnected);

export const row = (it) => it.data.rows[it.at];
export const atEnd = (it) => it.at >= it.data.rows.length;
// The question in view, as a view of the sitting.
export const asked = (it) => it.questions[row(it)?.question ?? 0];
export const moreLeft = (it) => Math.max(0, it.data.total - it.data.before - it.given.rows.length);
export const hasOtherBatches = (it) => it.data.before > 0 || moreLeft(it) > 0;
// The items before the one in view, counted without one that the server has not given.
export function position(it) {
  const given = it.data.rows.slice(it.at).find((one) => one.place !== undefined);
  return given ? given.place : it.given.rows.length;
}
export const rowOf = (it, step) => it.data.rows.find((one) => one.step === step);

// The reviewer's own answer on a step: what the log knows lies over what the row says.
export function ownOf(it, step) {
  const [item, project] = namesOfStep(step);
  const question = it.questions.find((one) => one.project === project);
  return question.widget.own(question, wordOn(log, project, it.data.reviewer, item), rowOf(it, step)?.mine ?? null);
}

// The reviewer's own note and flag on a step: they are about the question that was in view, as an answer is.
export function markOf(it, step) {
  const [item, project] = namesOfStep(step);
  const { note, flagged } = rowOf(it, step) ?? {};
  const word = wordOn(log, project, it.data.reviewer, item);
  return { note: word.note ?? note ?? "", flag: word.flag ?? flagged ?? false };
}

// What is being put together of a step, and not given yet; undefined where nothing is.
export const edited = (it, step = row(it).step) => (it.edit?.step === step ? it.edit.value : undefined);
export const valueOf = (it, step) => edited(it, step) ?? ownOf(it, step);
export const present = (it) => valueOf(it, row(it).step);
export const prefilled = (it) => present(it) ?? (it.blind ? null : row(it).suggestion);
export const differs = (it) => !atEnd(it) && !it.blind && row(it).differ && present(it) === null;

export function beginSitting(it, data) {
  const isSameQueue = it.data?.queue === data.queue;
  const current = it.data && isSameQueue ? row(it)?.step : rememberedPlace(data.queue);
  const read = inView(it);
  lay(it, data, isSameQueue && !it.isLeft);
  it.given = data;
  it.data = { ...data, rows: stepsOf(data) };
  it.revision = data.revision;
  const isGone = isSameQueue && read && !it.data.rows.some((one) => one.id === read.row.id);
  it.seek = isGone ? read.row.id : null;
  it.at = firstPlace(it, current);
  it.extra = isGone && extraOf(it, read.rows);
  putBack(it);
  if (it.extra) it.at = Math.max(0, it.data.rows.findIndex((one) => one.step === read.row.step));
  forgetKnown(log, data.knows);
  keepAsRead(it, read);
  Object.assign(it, { undo: [], redo: [], timed: new Map(), asking: false, seen: null, told: [""] });
  it.blind = data.blind;
}

// The same rows once more, as they are by now.
export function renewRows(it, data) {
  const current = row(it)?.step;
  const read = inView(it);
  it.given = data;
  it.data = { ...data, rows: stepsOf(data) };
  putBack(it);
  forgetKnown(log, data.knows);
  it.at = current === undefined ? it.at : Math.max(0, it.data.rows.findIndex((one) => one.step === current));
  keepAsRead(it, read);
}

// An item that is being read stays where it is read, though the queue was made anew without it.
function extraOf(it, rows) {
  const questions = new Map(it.questions.map(({ project }, question) => [project, question]));
  const asked = rows.map((one) => ({ ...one, place: undefined, question: questions.get(namesOfStep(one.step)[1]) }));
  const before = it.data.rows[it.at]?.id;
  const at = before === undefined ? it.data.rows.length : it.data.rows.findIndex((one) => one.id === before);
  return { rows: asked.filter((one) => one.question !== undefined), at };
}

function putBack(it) {
  if (it.extra) it.data.rows = it.data.rows.toSpliced(it.extra.at, 0, ...it.extra.rows);
}

// The step that somebody may be reading, what it suggests, and the other questions of its item.
function inView(it) {
  if (!it.data || it.isLeft || atEnd(it) || it.seen !== row(it).step) return null;
  const { suggestion, id } = row(it);
  const question = asked(it);
  return {
    row: row(it),
    rows: it.data.rows.filter((one) => one.id === id),
    suggested: suggestion === null ? null : question.widget.held(question, suggestion),
  };
}

// Enter accepts what was read, also where others have said something else meanwhile; nothing, once that was removed.
function keepAsRead(it, read) {
  const now = row(it);
  if (!read || now?.step !== read.row.step) return;
  const question = asked(it);
  const suggestion = read.suggested === null ? null : question.widget.still(question, read.suggested);
  it.data.rows[it.at] = { ...now, suggestion, differ: read.row.differ };
}

function firstPlace(it, current) {
  const { rows, start } = it.data;
  const known = rows.findIndex((one) => one.step === current && applies(it, one));
  if (known >= 0) return known;
  const open = rows.findIndex((one) => one.place >= start && isOpen(it, one));
  if (open >= 0) return open;
  // All were decided here, by acts the server had not stored when it chose the rows: then the end is where one was.
  if (rows.some((one) => one.mine === null && applies(it, one))) return rows.length;
  const first = rows.findIndex((one) => one.place >= start);
  return first < 0 ? rows.length : first;
}

// ---------------------------------------------------------------- from question to question

// Whether the question is asked of the item, by what was answered to the one it hangs on.
export function applies(it, now) {
  const { hangs } = it.questions[now.question];
  if (!hangs) return true;
  const on = it.questions.find((one) => one.project === hangs.on);
  const above = on && rowOf(it, stepOf(now.id, on.project));
  const value = above && applies(it, above) ? valueOf(it, above.step) : null; // its kept answer decides nothing
  return value !== null && on.widget.labels(on, value).some((id) => hangs.labels.includes(id)) !== hangs.lacks;
}

export const isOpen = (it, now) => applies(it, now) && ownOf(it, now.step) === null;
export const ofItem = (it, now = row(it)) => it.data.rows.filter((one) => one.id === now.id && applies(it, one));

// Where one comes to once this is answered: to the next question, to one that was left open, to the next item.
export function onward(it) {
  const steps = ofItem(it);
  const next = steps[steps.indexOf(row(it)) + 1] ?? steps.find((one) => isOpen(it, one));
  return next && next !== row(it) ? it.data.rows.indexOf(next) : itemBeside(it, 1);
}

// The next question of the item, or the one before; undefined where there is none.
export function questionBeside(it, by) {
  const steps = ofItem(it);
  const next = steps[steps.indexOf(row(it)) + by];
  return next && it.data.rows.indexOf(next);
}

// The item before, or the next one: its first open question. Beyond the last item it is the end, before the first -1.
export function itemBeside(it, by) {
  const { rows } = it.data;
  const id = row(it)?.id;
  const next = by > 0 ? rows.slice(it.at).find((one) => one.id !== id) : rows.slice(0, it.at).findLast((one) => one.id !== id);
  if (!next) return by > 0 ? rows.length : -1;
  const steps = ofItem(it, next);
  return rows.indexOf(steps.find((one) => isOpen(it, one)) ?? steps[0]);
}

// ---------------------------------------------------------------- the place, also after a reload

const PLACES = "labelloop.places";
const MOST_PLACES = 20;

export function rememberPlace(it) {
  const places = allPlaces().filter(([queue]) => queue !== it.data.queue);
  places.push([it.data.queue, row(it)?.step ?? null]);
  try {
    sessionStorage.setItem(PLACES, JSON.stringify(places.slice(-MOST_PLACES)));
  } catch {
    // Without it a reload begins at the first open item.
  }
}

const rememberedPlace = (queue) => allPlaces().find(([known]) => known === queue)?.[1];

function allPlaces() {
  try {
    const known = JSON.parse(sessionStorage.getItem(PLACES));
    return Array.isArray(known) ? known : [];
  } catch {
    return [];
  }
}
