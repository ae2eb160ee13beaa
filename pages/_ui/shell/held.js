// What is typed is held by the browser until the server has written it down. Part of every script that holds such text.
//
// Each tab keeps its own, by place, with digests of all that stood there while it was typed (`seen`). What another tab left
// behind, since it was closed or broke off, goes to the next one; but words take the place of nothing but what was seen.

export const AGAIN = 3000; // a message that meets no connection is dropped, so it is sent again
const ABANDONED = 150000; // whoever still holds what is unsent says so again, in a hidden tab once a minute
const MOST_SEEN = 300;

// Who holds text that is not written down: by its place, with `isPending()` and `send()`. One for the whole page.
export const unsent = (globalThis.__labelloopUnsent ??= new Map());

const tab = ((name) => () => name)((globalThis.__labelloopTab ??= nameOfTab()));

export const anyPending = () => [...unsent.values()].some((one) => one.isPending());

export function remember(place, said) {
  write(`${place}|${tab()}`, { ...said, at: Date.now() });
}

// The page goes: what it holds is anybody's from now on.
export function leaveBehind(place) {
  const said = read(`${place}|${tab()}`);
  if (said) write(`${place}|${tab()}`, { ...said, isLeft: true });
}

export function recall(place) {
  return read(`${place}|${tab()}`);
}

// What nobody holds any more, the newest first; it stays until it is put down anew or erased.
export function leftBehind(place) {
  return keys()
    .filter((key) => key.startsWith(`${place}|`) && key !== `${place}|${tab()}`)
    .map((key) => ({ key, said: read(key) }))
    .filter(({ said }) => said && (said.isLeft || Date.now() - said.at > ABANDONED))
    .sort((one, other) => other.said.at - one.said.at);
}

export function setAside(place, said) {
  write(`${place}|${newName()}`, { at: Date.now(), ...said, isLeft: true });
}

export function rewrite(key, said) {
  write(key, { ...said, isLeft: true });
}

// one text told from another, in few characters
export function digest(text) {
  let [one, other] = [0xdeadbeef, 0x41c6ce57];
  for (let place = 0; place < text.length; place++) {
    one = Math.imul(one ^ text.charCodeAt(place), 2654435761);
    other = Math.imul(other ^ text.charCodeAt(place), 1597334677);
  }
  return `${text.length}.${(one >>> 0).toString(36)}${(other >>> 0).toString(36)}`;
}

export function withSeen(seen, ...texts) {
  const added = texts.map(digest).filter((one) => !seen?.includes(one));
  return [...(seen ?? []), ...added].slice(-MOST_SEEN);
}

export const wasSeen = (seen, text) => Boolean(seen?.includes?.(digest(text)));

export function forget(place) {
  erase(`${place}|${tab()}`);
}

// Without storage the server alone keeps what is typed: reading it throws where a browser forbids it.

function newName() {
  return Date.now().toString(36) + Math.random().toString(36).slice(2);
}

// The name outlives a reload, but a tab that is copied while it stands is another one: so it is laid down in going alone.
function nameOfTab() {
  const name = "labelloop:tab";
  const take = (known) => {
    try {
      sessionStorage.removeItem(name);
    } catch {
      // It is forbidden.
    }
    return known;
  };
  const lay = () => {
    try {
      sessionStorage.setItem(name, globalThis.__labelloopTab);
    } catch {
      // What is left behind is then taken over as another tab's.
    }
  };
  window.addEventListener("pagehide", lay);
  window.addEventListener("pageshow", () => take());
  try {
    return take(sessionStorage.getItem(name) ?? newName());
  } catch {
    return newName();
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

export function erase(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}
