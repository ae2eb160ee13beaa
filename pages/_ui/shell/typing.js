// Hands text fields over while they are typed into, and holds what they say until the server has written it down.
//
// Streamlit takes the text of a field when it is left, or on Enter. This presses Enter after a short pause. What the
// server has not confirmed is kept by the browser, and goes before whatever the field is drawn with: it is typed again
// where the field was drawn anew, or the page came back, without it. The focus and the caret come back likewise.

import { AGAIN, forget, isConnected, isLeaving, leaveBehind, onConnection, recall, remember, unsent, whenAtRest } from "./held.js";
import { keepingCaret, mindSeat, noteCaret, sitAgain, writers } from "./seat.js";

const PAUSE = 350;
const boxes = (globalThis.__labelloopTyping ??= new Map());

export default function ({ data, parentElement, setStateValue }) {
  listen();
  const box = boxes.get(data.place) ?? { texts: {}, timer: null };
  boxes.set(data.place, box);
  Object.assign(box, { data, root: parentElement.host ?? parentElement });
  box.nudge = () => setStateValue("turn", Date.now());
  unsent.set(data.place, { isPending: () => isPending(box), send: () => commit(box) });
  writers.set(data.place, {
    nameOf: (field) => nameOf(box, field),
    fieldOf: (name) => fieldOf(box, name),
    take: (name, text) => hold(box, name, text),
  });
  takeUp(box);
  confirm(box);
  mend();
}

function takeUp(box) {
  if (Object.keys(box.texts).length) return;
  const left = recall(box.data.place);
  if (left?.base !== box.data.base) return;
  Object.assign(box.texts, left.texts);
  box.timer = setTimeout(() => whenAtRest(box, PAUSE, commit), PAUSE);
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
  keep(box);
  schedule(box, PAUSE);
}

function keep(box) {
  remember(box.data.place, { base: box.data.base, texts: box.texts });
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
  for (const name of Object.keys(box.texts)) {
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
  if (!Object.keys(box.texts).length) return;
  for (const [name, text] of Object.entries(box.texts)) if (box.data.kept[name] === text) delete box.texts[name];
  if (!Object.keys(box.texts).length) forget(box.data.place);
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
