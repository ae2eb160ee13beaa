// A broken connection takes nobody's pen away.
//
// Without a connection Streamlit disables every field, which takes the focus from the one that is being typed into, and
// puts a box over the page that speaks of itself and the internet. So what is written in stays writable, and a line says
// what is the matter instead.

import { isConnected, onConnection } from "./held.js";

const WRITTEN = "textarea, .stTextInput input, .stNumberInput input";
const SOON = 1000; // a shorter break is not worth a word
const WORDS =
  "Not connected: LabelLoop does not answer. If it was stopped, start it again. What you type here stays, and arrives when it is back.";

export function stayWritable() {
  if (globalThis.__labelloopWritable) return;
  globalThis.__labelloopWritable = true;
  const watched = { subtree: true, childList: true, attributes: true, attributeFilter: ["disabled"] };
  // Called before the browser looks whom the focus may stay with.
  new MutationObserver(keepWritable).observe(document.body, watched);
  const line = notice();
  let soon = 0;
  onConnection((isUp) => {
    clearTimeout(soon);
    if (isUp) line.hidden = true;
    else soon = setTimeout(() => (line.hidden = false), SOON);
  });
}

function keepWritable(changes) {
  if (isConnected()) return;
  for (const { type, target, addedNodes } of changes) {
    if (type === "attributes" && target.disabled && target.matches(WRITTEN)) target.disabled = false;
    for (const node of addedNodes) if (node instanceof Element) dismiss(node);
  }
}

// Once it was closed, Streamlit does not open it again before the connection was back.
function dismiss(node) {
  const box = node.matches("[role=dialog]") ? node : node.querySelector("[role=dialog]");
  if (box?.textContent.startsWith("Connection error")) box.querySelector("button[aria-label=Close]")?.click();
}

function notice() {
  const line = document.createElement("div");
  line.setAttribute("role", "status");
  line.hidden = true;
  line.textContent = WORDS;
  line.className = "labelloop-not-connected";
  const style = document.createElement("style");
  style.textContent = `.labelloop-not-connected:not([hidden]) { position: fixed; z-index: 1000000; top: 0.6rem; left: 50%;
    transform: translateX(-50%); max-width: 90vw; padding: 0.45rem 0.9rem; border-radius: 0.5rem; background: #7a4a00;
    color: #fff; font: 0.9rem/1.35 "Source Sans", sans-serif; box-shadow: 0 2px 10px rgb(0 0 0 / 30%); }`;
  document.body.append(style, line);
  return line;
}
