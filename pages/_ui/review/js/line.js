// The line to the server: sends what waits until it is confirmed, and knows whether anybody listens.

import { isConnected, isLeaving, onConnection } from "../../shell/network.js";
import { confirmActs, createLog, isKept, openLog, waitingActs } from "./log.js";

const AT_FIRST = 2000;
const AT_MOST = 16000;
const LATE = 1000; // An act that is not confirmed by then is said to be not stored yet.

export const log = createLog(browserStorage(), Date.now().toString(36) + Math.random().toString(36).slice(2));

const AT_ONCE = 100; // So many that wait are not sent with every key, for each message says everything.

const line = { component: null, soon: 0, place: {}, turn: 0, wait: AT_FIRST, again: 0, late: 0, isLate: false };
const listeners = new Set();

// Accessing it throws where a browser forbids it.
function browserStorage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

export function onNews(listener) {
  listeners.add(listener);
}

const news = (told) => listeners.forEach((listener) => listener(told));

// Called with each message of the server's; `data.upTo` and `data.refused` are what it says of the acts it was sent.
export function attachLine(component, data) {
  const isNew = !line.component || log.home !== data.home || line.component.parentElement !== component.parentElement;
  line.component = component;
  if (isNew) openLog(log, data.home);
  const told = confirmActs(log, data.upTo, data.refused, data.unread);
  if (told.confirmed) settle();
  if (isNew && (log.waiting.size || log.aside || line.place.seek)) send({});
  news({ ...told, gone: data.gone });
}

// Sends all that waits, and where the reviewer is. Each message says everything, so that none of them matters alone.
// While the line is out of the page, or down, nothing is sent: it is, when it is back. Nor once another page was asked for:
// the message would lead back here.
export function send(place) {
  Object.assign(line.place, place);
  if (log.waiting.size <= AT_ONCE || place.more || !("position" in place)) return sendNow();
  line.soon ||= setTimeout(sendNow, Math.min(log.waiting.size, AT_FIRST));
}

function sendNow() {
  clearTimeout(line.soon);
  line.soon = 0;
  if (line.component?.parentElement.isConnected && isConnected() && !isLeaving()) {
    line.component.setStateValue("log", { ...line.place, acts: waitingActs(log), aside: log.aside, turn: ++line.turn });
  }
  expectNews();
}

function expectNews() {
  clearTimeout(line.again);
  if (!log.waiting.size) return;
  line.again = setTimeout(sendAgain, line.wait);
  line.late ||= setTimeout(becomeLate, LATE);
}

function sendAgain() {
  line.wait = Math.min(line.wait * 2, AT_MOST);
  if (log.waiting.size) send({});
}

function becomeLate() {
  line.isLate = log.waiting.size > 0;
  news({});
}

function settle() {
  line.wait = AT_FIRST;
  clearTimeout(line.late);
  line.late = 0;
  line.isLate = false;
  expectNews();
}

export function standing() {
  const waiting = log.waiting.size;
  const words = [];
  if (!isConnected()) words.push("not connected");
  if (waiting && (!isConnected() || line.isLate)) words.push(`${waiting} not stored yet`);
  if (words.length && waiting && !isKept(log)) words.push("keep this page open");
  return words.join(" · ");
}

export function watchConnection() {
  onConnection((isUp) => {
    line.wait = AT_FIRST;
    if (isUp && log.waiting.size) send({});
    news({});
  });
}
