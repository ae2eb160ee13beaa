// Hands text fields over while they are typed into, and holds what they say until the server has written it down.
//
// Streamlit takes the text of a field when it is left, or on Enter. This presses Enter after a short pause. What the
// server has not confirmed is kept for the tab, and typed again where the page comes back without it.

import { AGAIN, forget, isLeaving, recall, remember, unsent, whenAtRest } from "./held.js";

const PAUSE = 350;
const boxes = (globalThis.__labelloopTyping ??= new Map());

export default function ({ data, parentElement }) {
  const box = boxes.get(data.place) ?? begin(data);
  boxes.set(data.place, box);
  Object.assign(box, { data, root: parentElement.host ?? parentElement });
  unsent.set(data.place, { isPending: () => isPending(box), send: () => commit(box) });
  confirm(box);
  restore(box);
  const onInput = (event) => typed(box, event.target);
  const onLeaving = () => commit(box);
  document.addEventListener("input", onInput, true);
  window.addEventListener("pagehide", onLeaving);
  return () => {
    document.removeEventListener("input", onInput, true);
    window.removeEventListener("pagehide", onLeaving);
  };
}

function begin({ place, base }) {
  const left = recall(place);
  const isOurs = left?.base === base;
  return { texts: isOurs ? left.texts : {}, isLeft: isOurs, timer: null };
}

function typed(box, field) {
  const name = Object.keys(box.data.fields).find((one) => fieldOf(box, one) === field);
  if (!name) return;
  box.texts[name] = field.value.toWellFormed?.() ?? field.value;
  remember(box.data.place, { base: box.data.base, texts: box.texts });
  schedule(box, PAUSE);
}

function schedule(box, pause) {
  clearTimeout(box.timer);
  box.timer = setTimeout(() => commit(box), pause);
}

function commit(box) {
  clearTimeout(box.timer);
  confirm(box);
  if (!isPending(box)) return;
  box.timer = setTimeout(() => whenAtRest(box, PAUSE, commit), AGAIN);
  if (isLeaving()) return;
  for (const name of Object.keys(box.texts)) {
    const field = fieldOf(box, name);
    const ctrlKey = field?.tagName === "TEXTAREA";
    field?.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", code: "Enter", ctrlKey, bubbles: true }));
  }
}

function confirm(box) {
  for (const [name, text] of Object.entries(box.texts)) if (box.data.kept[name] === text) delete box.texts[name];
  if (!Object.keys(box.texts).length) forget(box.data.place);
}

function isPending(box) {
  return box.root.isConnected && Object.keys(box.texts).length > 0;
}

// What was typed and never arrived is typed again, as soon as the fields are there.
function restore(box) {
  if (!box.isLeft) return;
  if (!Object.keys(box.texts).every((name) => fieldOf(box, name))) {
    if (box.root.isConnected) setTimeout(() => restore(box), 50);
    return;
  }
  box.isLeft = false;
  for (const [name, text] of Object.entries(box.texts)) write(fieldOf(box, name), text);
}

function write(field, text) {
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, text);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function fieldOf(box, name) {
  return document.querySelector(`.st-key-${CSS.escape(box.data.fields[name])} :is(textarea, input)`);
}
