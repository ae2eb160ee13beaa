// How long an answer takes. Each question has a pace of its own: to read for marks is not to press a digit.

import { namesOfStep } from "./asked.js";
import { atEnd, ofItem, row } from "./sitting.js";

const WINDOW = 20;
const MEASURED_ENOUGH = 3;

export function time(it, step, seconds) {
  const [, project] = namesOfStep(step);
  it.timed.set(project, [...(it.timed.get(project) ?? []), seconds]);
}

// Seconds an answer to the question, lately; as it was before this sitting until enough were timed, null where nobody knows.
export function paceOf(it, { project, pace }) {
  const timed = it.timed.get(project) ?? [];
  if (timed.length < MEASURED_ENOUGH) return pace ?? null;
  // The middle one: a coffee break is not the pace.
  const recent = timed.slice(-WINDOW).sort((a, b) => a - b);
  return recent[Math.floor(recent.length / 2)];
}

// Of this item the questions that are left, of each of the items to come all. One whose pace nobody knows yet is taken
// to be as fast as the others.
export function secondsLeft(it, items) {
  const paces = it.questions.map((one) => paceOf(it, one));
  const known = paces.filter((one) => one !== null);
  const usual = known.reduce((sum, one) => sum + one, 0) / known.length;
  const each = paces.map((one) => one ?? usual);
  const all = each.reduce((sum, one) => sum + one, 0);
  if (atEnd(it)) return items * all;
  const left = ofItem(it).slice(ofItem(it).indexOf(row(it)));
  return (items - 1) * all + left.reduce((sum, { question }) => sum + each[question], 0);
}
