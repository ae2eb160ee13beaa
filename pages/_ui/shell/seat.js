// Where somebody writes they go on writing, whatever is drawn meanwhile: the focus and the caret come back to the field
// that stands in its place, and a key that finds none is given to what the field will say.
//
// Whoever draws fields says so in `writers`, by a place of its own: `nameOf(field)` is its name or nothing, `fieldOf(name)`
// the field as it stands now, `take(name, text)` what was written without it, `next(name, key)` where a key leads on to.

export const writers = (globalThis.__labelloopWriters ??= new Map());
const seat = (globalThis.__labelloopSeat ??= { place: null });

export function mindSeat() {
  if (globalThis.__labelloopSits) return;
  globalThis.__labelloopSits = true;
  window.addEventListener("keydown", strayed, true);
  window.addEventListener("focusin", (event) => sit(event.composedPath()[0]), true);
  window.addEventListener("focusout", (event) => wasLeft(event.composedPath()[0]), true);
  window.addEventListener("pointerdown", (event) => event.composedPath()[0] === seat.field || rise(), true);
  for (const name of ["input", "keyup", "pointerup"]) window.addEventListener(name, noteCaret, true);
  document.addEventListener("selectionchange", noteCaret);
}

export function sitAgain() {
  const field = isAstray() && writers.get(seat.place)?.fieldOf(seat.name);
  if (!field || field.disabled) return;
  const { start, end } = seat;
  field.focus({ preventScroll: true });
  setCaret(field, start, end);
}

// The caret stays where it was in a field whose text is about to be set.
export function keepingCaret(field, act) {
  const { start, end } = seat;
  const isWrittenIn = field === focusedField() && field === seat.field;
  act();
  if (isWrittenIn) setCaret(field, start, end);
}

function setCaret(field, start, end) {
  if (field.selectionStart !== null) field.setSelectionRange(start, end);
  Object.assign(seat, { start, end });
}

// Of a focus that moves inside a component, the page outside of it is told nothing: such a one says so itself.
export function sit(target) {
  for (const [place, writer] of writers) {
    const name = writer.nameOf(target);
    if (!name) continue;
    Object.assign(seat, { place, name, field: target, page: location.pathname });
    return noteCaret();
  }
  if (!isNowhere(target)) rise();
}

function rise() {
  seat.place = null;
}

export function noteCaret() {
  const { place, field } = seat;
  if (!place || field !== focusedField()) return;
  Object.assign(seat, { start: field.selectionStart, end: field.selectionEnd, text: field.value });
}

// One that was left stands where it did; one that lost the focus because it was taken away is waited for.
function wasLeft(target) {
  setTimeout(() => {
    if (target !== seat.field || !target.isConnected || target.disabled) return;
    if (document.activeElement === document.body && !document.querySelector("[role=dialog]")) rise();
  });
}

// A key that finds its field gone, since it is just being drawn anew, is meant for it all the same.
function strayed(event) {
  if (!isAstray() || event.ctrlKey || event.metaKey || event.altKey) return;
  const writer = writers.get(seat.place);
  const next = writer.next?.(seat.name, event);
  if (event.key.length !== 1 && event.key !== "Backspace" && !next) return;
  sitAgain();
  if (!isAstray()) return; // from here on it is an ordinary key
  event.preventDefault();
  event.stopImmediatePropagation();
  if (next) return Object.assign(seat, next, { start: next.text.length, end: next.text.length });
  press(event.key);
  writer.take(seat.name, seat.text);
}

function press(key) {
  const { start, end, text } = seat;
  const isBack = key === "Backspace";
  const from = isBack && start === end ? Math.max(0, start - 1) : start;
  const said = isBack ? "" : key;
  seat.text = text.slice(0, from) + said + text.slice(end);
  seat.start = seat.end = from + said.length;
}

const isAstray = () => Boolean(seat.place) && seat.page === location.pathname && isNowhere(document.activeElement);

function focusedField() {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active;
}

// No place that somebody chose: nothing at all, or Streamlit's word that the connection is gone.
function isNowhere(element) {
  return !element || element === document.body || Boolean(element.closest?.("[role=dialog]")?.textContent.startsWith("Connection error"));
}
