// What a reviewer is doing, by the component's key: it outlives the elements it is shown in, which Streamlit takes out
// and puts back as it likes.

import { deal } from "./deal.js";
import { log } from "./line.js";
import { forgetKnown, wordOn } from "./log.js";

const sittings = new Map();

export function sittingOf(key) {
  if (!sittings.has(key)) {
    sittings.set(key, { key, root: null, data: null, revision: null, at: 0, seen: null, note: null, edit: null, told: ["", null] });
  }
  return sittings.get(key);
}

export const part = (it, name) => it.root.querySelector("." + name);
export const isShown = (it) => Boolean(it.root?.isConnected);

export const row = (it) => it.data.rows[it.at];
export const atEnd = (it) => it.at >= it.data.rows.length;
export const moreLeft = (it) => Math.max(0, it.data.total - it.data.before - it.given.rows.length);
export const hasOtherBatches = (it) => it.data.before > 0 || moreLeft(it) > 0;
// Counted without a row that the server has not given.
export const position = (it) => it.at - (it.extra && it.at > it.extra.at ? 1 : 0);
export const rowOf = (it, id) => it.data.rows.find((one) => one.id === id);

// The reviewer's own word on an item: what the log knows lies over what the row says.
export function ownOf(it, id) {
  const { mine, note, flagged } = rowOf(it, id) ?? {};
  const word = wordOn(log, it.data.project, it.data.reviewer, id);
  return {
    value: it.widget.own(it, word, mine ?? null),
    note: word.note ?? note ?? "",
    flag: word.flag ?? flagged ?? false,
  };
}

// What is being put together of an item, and not given yet; undefined where nothing is.
export const edited = (it, id) => (it.edit?.id === id ? it.edit.value : undefined);
export const present = (it) => edited(it, row(it).id) ?? ownOf(it, row(it).id).value;
export const prefilled = (it) => present(it) ?? (it.blind ? null : row(it).suggestion);
export const differs = (it) => !atEnd(it) && !it.blind && row(it).differ && present(it) === null;

export function beginSitting(it, data) {
  const isSameQueue = it.data?.queue === data.queue;
  const current = it.data && isSameQueue ? row(it)?.id : rememberedPlace(data.queue);
  const read = inView(it);
  it.choices = deal(isSameQueue && !it.isLeft ? it.choices : null, data.choices, data.keys);
  const kept = it.choices.filter((choice) => !choice.removed);
  it.data = it.given = data;
  it.revision = data.revision;
  it.byId = new Map(kept.filter((choice) => choice.id !== null).map((choice) => [choice.id, choice]));
  // A label that was merged away is the one that took its place.
  for (const [old, id] of data.merged) if (it.byId.has(id)) it.byId.set(old, it.byId.get(id));
  it.byName = new Map(kept.map((choice) => [choice.name, choice]));
  it.removedNames = new Map(data.removed ?? []);
  it.byKey = new Map(it.choices.filter((choice) => choice.key).map((choice) => [choice.key, choice]));
  it.seek = isSameQueue && read && !rowOf(it, current) ? current : null;
  it.at = firstPlace(it, current);
  it.extra = it.seek && { row: read.row, at: it.at };
  putBack(it);
  forgetKnown(log, data.knows);
  keepAsRead(it, read);
  Object.assign(it, { undo: [], redo: [], timed: [], asking: false, seen: null, told: ["", null] });
  it.blind = data.blind;
}

// The same rows once more, as they are by now.
export function renewRows(it, data) {
  const current = row(it)?.id;
  const read = inView(it);
  it.data = it.given = data;
  putBack(it);
  forgetKnown(log, data.knows);
  it.at = current === undefined ? it.at : Math.max(0, it.data.rows.findIndex((one) => one.id === current));
  keepAsRead(it, read);
}

// An item that is being read stays where it is read, though the queue was made anew without it.
function putBack(it) {
  if (it.extra) it.data = { ...it.given, rows: it.given.rows.toSpliced(it.extra.at, 0, it.extra.row) };
}

// The row that somebody may be reading, and what it suggests.
function inView(it) {
  if (!it.data || it.isLeft || atEnd(it) || it.seen !== row(it).id) return null;
  const { suggestion } = row(it);
  return { row: row(it), suggested: suggestion === null ? null : it.widget.held(it, suggestion) };
}

// Enter accepts what was read, also where others have said something else meanwhile; nothing, once that was removed.
function keepAsRead(it, read) {
  const now = row(it);
  if (!read || now?.id !== read.row.id) return;
  const suggestion = read.suggested === null ? null : it.widget.still(it, read.suggested);
  it.data.rows[it.at] = { ...now, suggestion, differ: read.row.differ };
}

function firstPlace(it, current) {
  const { rows, start } = it.data;
  const known = rows.findIndex((one) => one.id === current);
  if (known >= 0) return known;
  const isOpen = (one) => ownOf(it, one.id).value === null;
  const open = rows.findIndex((one, place) => place >= start && isOpen(one));
  if (open >= 0) return open;
  // All were decided here, by acts the server had not stored when it chose the rows: then the end is where one was.
  return rows.some((one) => one.mine === null) ? rows.length : Math.min(Math.max(start, 0), rows.length);
}

// ---------------------------------------------------------------- the place, also after a reload

const PLACES = "labelloop.places";
const MOST_PLACES = 20;

export function rememberPlace(it) {
  const places = allPlaces().filter(([queue]) => queue !== it.data.queue);
  places.push([it.data.queue, row(it)?.id ?? null]);
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
