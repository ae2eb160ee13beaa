// Hands text fields over while they are typed into, and holds what they say until the server has written it down.
//
// Streamlit takes the text of a field when it is left, or on Enter. This presses Enter after a short pause. What the
// server has not confirmed is kept by the browser, and goes before whatever the field is drawn with: it is typed again
// where the field was drawn anew, or the page came back, without it. The focus and the caret come back likewise. Where
// the server says by then what was never seen here, the field says that, and what is held is offered.

import { AGAIN, erase, forget, leaveBehind, leftBehind, recall } from "./held.js";
import { remember, rewrite, setAside, unsent, wasSeen, withSeen } from "./held.js";
import { firstWords, offer } from "./left.js";
import { isConnected, isLeaving, onConnection, whenAtRest } from "./network.js";
import { keepingCaret, mindSeat, noteCaret, sitAgain, writers } from "./seat.js";

const PAUSE = 350;
const boxes = (globalThis.__labelloopTyping ??= new Map());

export default function ({ data, parentElement, setStateValue }) {
  listen();
  const box = boxes.get(data.place) ?? { texts: {}, seen: {}, timer: null };
  boxes.set(data.place, box);
  Object.assign(box, { data, root: parentElement.host ?? parentElement, bar: parentElement.querySelector(".left") });
  box.nudge = () => setStateValue("turn", Date.now());
  unsent.set(data.place, { isPending: () => isPending(box), send: () => commit(box) });
  writers.set(data.place, {
    nameOf: (field) => nameOf(box, field),
    fieldOf: (name) => fieldOf(box, name),
    take: (name, text) => hold(box, name, text),
  });
  takeUp(box);
  mend();
  offerFirst(box);
}

// what a tab held when it was closed, reloaded or cut off

function takeUp(box) {
  const { place, kept, filling } = box.data;
  if (filling && box.filling !== undefined && filling !== box.filling) letGo(box);
  box.filling = filling || box.filling || "";
  const own = Object.keys(box.texts).length ? null : recall(place);
  if (own) Object.assign(box, { texts: own.texts, seen: own.seen ?? {} });
  confirm(box);
  for (const name of Object.keys(box.texts)) if (!wasSeen(box.seen[name], kept[name] ?? "")) giveWay(box, name);
  for (const left of leftBehind(place)) takeOver(box, left);
  for (const [name, text] of Object.entries(kept)) if (!(name in box.texts)) box.seen[name] = withSeen(box.seen[name], text);
  if (own && Object.keys(box.texts).length) sendSoon(box);
}

function sendSoon(box) {
  clearTimeout(box.timer);
  box.timer = setTimeout(() => whenAtRest(box, PAUSE, commit), PAUSE);
}

// The fields were filled with something else, by a click after what is held was typed. A server that has just started
// names no filling: what was typed without it goes on.
function letGo(box) {
  clearTimeout(box.timer);
  for (const name of Object.keys(box.texts)) release(box, name);
}

// Something else is kept by now, from another tab or browser.
function giveWay(box, name) {
  setAside(box.data.place, { texts: { [name]: box.texts[name] } });
  release(box, name);
}

// Of another tab's words, those for a text that is still the same.
function takeOver(box, { key, said }) {
  const { place, kept } = box.data;
  for (const [name, text] of Object.entries(said.texts ?? {})) {
    if (name in box.texts) continue;
    const isFitting = wasSeen(said.seen?.[name], kept[name] ?? "");
    if (text && text !== kept[name] && !isFitting) continue;
    if (isFitting && text !== kept[name]) {
      box.texts[name] = text;
      box.seen[name] = said.seen[name];
      keep(box);
      sendSoon(box);
    }
    drop(key, said, name);
  }
}

function drop(key, said, name) {
  delete said.texts[name];
  if (Object.keys(said.texts).length) rewrite(key, said);
  else erase(key);
}

function offerFirst(box) {
  const { place, kept, fields } = box.data;
  const names = ({ said }) => Object.keys(said.texts ?? {}).filter((name) => name in fields);
  const left = leftBehind(place).find((one) => names(one).length);
  if (!left) return offer(box.bar, null);
  const { key, said } = left;
  const [name] = names(left);
  const present = box.texts[name] ?? kept[name] ?? "";
  const words = firstWords(said.texts[name], present);
  const rid = (act) => () => {
    act?.();
    drop(key, said, name);
    mend();
    offerFirst(box);
  };
  const swap = () => {
    const text = said.texts[name];
    if (present) setAside(place, { texts: { [name]: present }, isReplaced: true });
    hold(box, name, text);
  };
  offer(box.bar, { ...said, title: box.data.titles[name], words }, rid(swap), rid());
}

function listen() {
  if (globalThis.__labelloopTypes) return;
  globalThis.__labelloopTypes = true;
  mindSeat();
  // Before Streamlit, and again after it: a field that takes no more characters has them no more.
  for (const isBefore of [true, false]) window.addEventListener("input", (event) => typed(event.target), isBefore);
  window.addEventListener("beforeinput", mend, true);
  window.addEventListener("pagehide", () => [...boxes.values()].forEach(goes));
  const drawn = { subtree: true, childList: true, attributes: true, attributeFilter: ["value", "disabled"] };
  new MutationObserver(mend).observe(document.body, drawn);
  onConnection((isUp) => {
    if (isUp) for (const box of boxes.values()) if (isPending(box)) schedule(box, PAUSE);
  });
}

// what is sent, and kept until it is confirmed

function typed(field) {
  for (const box of boxes.values()) {
    const name = nameOf(box, field);
    if (name && box.texts[name] !== field.value) hold(box, name, field.value);
  }
  noteCaret();
}

function hold(box, name, text) {
  box.texts[name] = text.toWellFormed?.() ?? text;
  if (isConnected()) box.seen[name] = withSeen(box.seen[name], box.texts[name]); // it may arrive, and never be confirmed
  keep(box);
  schedule(box, PAUSE);
}

function keep(box) {
  remember(box.data.place, { texts: box.texts, seen: box.seen });
}

function schedule(box, pause) {
  clearTimeout(box.timer);
  box.timer = setTimeout(() => commit(box), pause);
}

function commit(box) {
  clearTimeout(box.timer);
  confirm(box);
  if (!Object.keys(box.texts).length) return;
  box.timer = setTimeout(() => whenAtRest(box, PAUSE, again), AGAIN);
  if (isLeaving() || !box.root.isConnected) return;
  mend();
  for (const [name, text] of Object.entries(box.texts)) {
    box.seen[name] = withSeen(box.seen[name], text);
    const field = fieldOf(box, name);
    const ctrlKey = field?.tagName === "TEXTAREA";
    field?.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", code: "Enter", ctrlKey, bubbles: true }));
  }
}

// A field that was handed over already hands nothing over again; any message takes along what all fields say.
function again(box) {
  keep(box);
  if (isPending(box) && isConnected() && !isLeaving()) box.nudge();
  commit(box);
}

function confirm(box) {
  for (const [name, text] of Object.entries(box.texts)) if (box.data.kept[name] === text) release(box, name);
}

function release(box, name) {
  delete box.texts[name];
  if (Object.keys(box.texts).length) keep(box);
  else forget(box.data.place);
}

function isPending(box) {
  return box.root.isConnected && Object.keys(box.texts).length > 0;
}

function goes(box) {
  commit(box);
  leaveBehind(box.data.place);
}

// what is seen: the text that is held, the focus and the caret, whatever was drawn meanwhile

function mend() {
  for (const box of boxes.values()) {
    if (!isPending(box)) continue;
    for (const [name, text] of Object.entries(box.texts)) {
      const field = fieldOf(box, name);
      if (field && field.value !== text) typeAgain(box, name, field, text);
    }
  }
  sitAgain();
}

function typeAgain(box, name, field, text) {
  keepingCaret(field, () => {
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, text);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    if (field.value !== text) hold(box, name, field.value); // it takes no more than that
  });
}

function nameOf(box, field) {
  if (!field?.matches?.("textarea, input")) return undefined;
  return Object.keys(box.data.fields).find((name) => fieldOf(box, name) === field);
}

function fieldOf(box, name) {
  return document.querySelector(`.st-key-${CSS.escape(box.data.fields[name])} :is(textarea, input)`);
}
