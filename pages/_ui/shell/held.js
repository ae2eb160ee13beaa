// What is typed is held by the browser until the server has written it down. Part of every script that holds such text.
//
// Each tab keeps its own, by place. What another tab left behind, since it was closed or broke off, is taken over.

export const AGAIN = 3000; // a message that meets no connection is dropped, so it is sent again
const ABANDONED = 20000; // whoever still holds what is unsent says so again every three seconds
const OUTDATED = 30 * 86400000;

// Who holds text that is not written down: by its place, with `isPending()` and `send()`. One for the whole page.
export const unsent = (globalThis.__labelloopUnsent ??= new Map());

export const anyPending = () => [...unsent.values()].some((one) => one.isPending());

// Until the other page is there, nothing may be sent from this one: the message would lead back here.
export function turnTo(path, milliseconds) {
  globalThis.__labelloopLeaving = { path, until: performance.now() + milliseconds };
}

export function isLeaving() {
  const leaving = globalThis.__labelloopLeaving;
  return Boolean(leaving) && location.pathname !== leaving.path && performance.now() < leaving.until;
}

const shell = () => document.querySelector("[data-testid=stApp]");
export const isConnected = () => (shell()?.dataset.testConnectionState ?? "CONNECTED") === "CONNECTED";

// Not into an answer under way: it would begin anew with each message, and never end where it takes long.
export function whenAtRest(holder, pause, send) {
  clearTimeout(holder.timer);
  if (shell()?.dataset.testScriptState === "running") holder.timer = setTimeout(() => whenAtRest(holder, pause, send), pause);
  else send(holder);
}

// Streamlit drops what is sent over no connection: whoever holds something sends it as soon as there is one.
export function onConnection(act) {
  let was = isConnected();
  const look = () => {
    const is = isConnected();
    if (is !== was) act((was = is));
  };
  if (shell()) new MutationObserver(look).observe(shell(), { attributeFilter: ["data-test-connection-state"] });
}

export function remember(place, said) {
  write(`${place}|${tab()}`, { ...said, at: Date.now() });
}

// The page goes: what it holds is anybody's from now on.
export function leaveBehind(place) {
  const said = read(`${place}|${tab()}`);
  if (said) write(`${place}|${tab()}`, { ...said, isLeft: true });
}

export function recall(place) {
  const own = read(`${place}|${tab()}`);
  if (own) return own;
  for (const key of keys().filter((one) => one.startsWith(`${place}|`))) {
    const said = read(key);
    if (!said?.isLeft && Date.now() - (said?.at ?? 0) < ABANDONED) continue;
    erase(key);
    if (!said || Date.now() - said.at > OUTDATED) continue;
    remember(place, said);
    return said;
  }
  return null;
}

export function forget(place) {
  erase(`${place}|${tab()}`);
}

// Without storage the server alone keeps what is typed: reading it throws where a browser forbids it.

function tab() {
  return (globalThis.__labelloopTab ??= nameOfTab());
}

function nameOfTab() {
  const made = Date.now().toString(36) + Math.random().toString(36).slice(2);
  try {
    const known = sessionStorage.getItem("labelloop:tab") ?? made;
    sessionStorage.setItem("labelloop:tab", known);
    return known;
  } catch {
    return made;
  }
}

function keys() {
  try {
    return Object.keys(localStorage);
  } catch {
    return [];
  }
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function write(key, said) {
  try {
    localStorage.setItem(key, JSON.stringify(said));
  } catch {
    // Full, or forbidden.
  }
}

function erase(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}
