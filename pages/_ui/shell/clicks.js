// No click is lost to what was typed just before it, and nothing typed is lost to the click.
//
// A field hands its text over when it is left, so with the mouse button that goes down on something else. The page drawn
// for it moves or replaces what is under the mouse before the button comes up: then no click happens. And the message of
// a field sent after the one that opens another page leads back to the page it came from. So a click waits until what
// was typed is confirmed, and is then given to the same button or link, wherever that is by now.

import { anyPending, unsent } from "./held.js";
import { turnTo } from "./network.js";

const LONGEST = 20000;
const LOOK = 40;
const OWNERS = "button, a[href]";

export function mindClicks() {
  if (globalThis.__labelloopClicks) return;
  globalThis.__labelloopClicks = true;
  let pressed = null;
  let waiting = 0;
  let queue = Promise.resolve();

  const later = (known) => {
    waiting += 1;
    queue = queue.then(() => deliver(known)).finally(() => (waiting -= 1));
  };

  const onDown = (event) => {
    const owner = event.button === 0 && !isModified(event) ? ownerOf(event) : null;
    pressed = owner && { ...know(owner), x: event.clientX, y: event.clientY, isTyped: isTyped() || waiting > 0 };
  };

  // The click itself comes right after, in the same turn; where it does not, the element was moved, replaced or disabled.
  const onUp = (event) => {
    const missed = pressed;
    if (!missed || Math.hypot(event.clientX - missed.x, event.clientY - missed.y) > 6) return;
    setTimeout(() => {
      if (pressed !== missed) return;
      pressed = null;
      if (missed.isTyped || !missed.element.isConnected || !missed.isDisabled) later(missed);
    });
  };

  const onClick = (event) => {
    if (!event.isTrusted || isModified(event)) return;
    const owner = ownerOf(event);
    const down = pressed;
    if (!owner || (down && !isSame(owner, down))) return;
    pressed = null;
    if (!waiting && !anyPending() && !down?.isTyped) return starts(owner);
    event.preventDefault();
    event.stopImmediatePropagation();
    later(know(owner));
  };

  window.addEventListener("pointerdown", onDown, true);
  window.addEventListener("pointerup", onUp, true);
  window.addEventListener("pointercancel", () => (pressed = null), true);
  window.addEventListener("click", onClick, true);
}

function ownerOf(event) {
  const target = event.composedPath()[0];
  if (!(target instanceof Element) || target.getRootNode() !== document) return null; // a component minds its own
  const owner = target.closest(OWNERS);
  return owner?.matches("a[target=_blank], a[download]") ? null : owner;
}

function isModified(event) {
  return event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
}

function isTyped() {
  return anyPending() || Boolean(document.activeElement?.closest("input, textarea"));
}

// What a button or link is known by after the page was drawn anew.
function know(element) {
  const key = element.closest("[class*=st-key-]")?.className.match(/st-key-\S+/)?.[0] ?? "";
  const known = { element, tag: element.tagName, text: element.textContent, href: element.getAttribute("href"), key };
  known.isDisabled = Boolean(element.disabled);
  known.place = alike(known).indexOf(element);
  return known;
}

function isSame(element, known) {
  return element === known.element || alike(known).includes(element);
}

function alike({ tag, text, href, key }) {
  const all = document.querySelectorAll(`${key ? `.${CSS.escape(key)} ` : ""}${tag}`);
  return [...all].filter((one) => one.textContent === text && one.getAttribute("href") === href);
}

async function deliver(known) {
  const end = performance.now() + LONGEST;
  await pause(); // what the field left just now has to say goes first
  for (const one of unsent.values()) if (one.isPending()) one.send();
  while (performance.now() < end) {
    const element = known.element.isConnected ? known.element : alike(known).at(known.place);
    if (element && !element.disabled && !anyPending()) return give(element);
    if (!anyPending() && isAtRest() && !element) return;
    if (!anyPending() && isAtRest() && element.disabled) return;
    await pause(LOOK);
  }
  const element = alike(known).at(known.place);
  if (element && !element.disabled) give(element); // the text is kept in the tab
}

function give(element) {
  starts(element);
  element.click();
}

function starts(element) {
  const url = element.href && new URL(element.href);
  if (!url || url.origin !== location.origin || url.pathname === location.pathname) return;
  turnTo(url.pathname, LONGEST);
}

function isAtRest() {
  return document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning";
}

function pause(milliseconds = 0) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
