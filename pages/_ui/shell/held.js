// What is typed is held by the tab until the server has written it down. Part of every script that holds such text.

export const AGAIN = 3000; // a message that meets no connection is dropped, so it is sent again

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

// Not into an answer under way: it would begin anew with each message, and never end where it takes long.
export function whenAtRest(holder, pause, send) {
  const isRunning = document.querySelector("[data-test-script-state=running]");
  if (isRunning) holder.timer = setTimeout(() => whenAtRest(holder, pause, send), pause);
  else send(holder);
}

export function remember(place, said) {
  try {
    sessionStorage.setItem(place, JSON.stringify(said));
  } catch {
    // Without storage the server alone keeps what is typed.
  }
}

export function recall(place) {
  try {
    return JSON.parse(sessionStorage.getItem(place));
  } catch {
    return null;
  }
}

export function forget(place) {
  try {
    sessionStorage.removeItem(place);
  } catch {
    // Nothing was kept.
  }
}
