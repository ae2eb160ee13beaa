// A broken connection takes nobody's pen away.
//
// Without a connection Streamlit disables every field, which takes the focus from the one that is being typed into, and
// opens a box over the page that takes every key and asks for the internet. So what is written in stays writable, the box
// stays closed, and a line says what is the matter instead.

import { isConnected, onConnection, program } from "./network.js";

const WRITTEN = "textarea, .stTextInput input, .stNumberInput input";
const SOON = 1000; // a shorter break is not worth a word
const WORDS =
  "Not connected: LabelLoop does not answer. If it was stopped, start it again. What you type or label here stays, and arrives when it is back; look again at what you chose last.";

export function stayWritable() {
  if (globalThis.__labelloopWritable) return;
  globalThis.__labelloopWritable = true;
  const watched = { subtree: true, attributeFilter: ["disabled"] };
  // Called before the browser looks whom the focus may stay with.
  new MutationObserver(keepWritable).observe(document.body, watched);
  keepWritable([...document.querySelectorAll(WRITTEN)].map((target) => ({ target })));
  keepClosed();
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
  for (const { target } of changes) if (target.disabled && target.matches(WRITTEN)) target.disabled = false;
}

// Closed only once it is open, the box would have taken the focus from a note or a cell.
function keepClosed() {
  const opener = program("handleConnectionError");
  const open = opener?.showError;
  if (!open) return;
  opener.showError = (title, error, kind) => {
    if (kind !== "connectionError") open.call(opener, title, error, kind);
  };
}

function notice() {
  const line = document.createElement("div");
  line.setAttribute("role", "status");
  line.hidden = true;
  line.textContent = WORDS;
  line.className = "labelloop-not-connected";
  const style = document.createElement("style");
  style.textContent = `.labelloop-not-connected:not([hidden]) { position: fixed; z-index: 1000000; top: 0.6rem; left: 50%;
    transform: translateX(-50%); width: max-content; max-width: 90vw; padding: 0.45rem 0.9rem; border-radius: 0.5rem; background: #7a4a00;
    color: #fff; font: 0.9rem/1.35 "Source Sans", sans-serif; box-shadow: 0 2px 10px rgb(0 0 0 / 30%); }`;
  document.body.append(style, line);
  return line;
}
