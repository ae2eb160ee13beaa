// The log: every act of the reviewer, numbered, kept in the browser until the server has confirmed it.
// Acts of pages that were closed before their confirmation are found again and delivered, too. Each page numbers its
// own log, and the server stores each number of a log once, so nothing is stored twice, however often it is sent.

const PREFIX = "labelloop.review.";

export function createLog(storage, name) {
  return { storage, name, home: null, last: 0, own: [], others: new Map(), said: [], words: new Map(), isKept: true };
}

// `home` names the workbench: what was kept for another one at the same address waits for that one.
export function openLog(log, home) {
  log.home = home;
  log.others = new Map();
  const said = new Set(log.said.map(nameOf));
  for (const [key, text] of entriesOf(log.storage)) {
    const name = key.startsWith(PREFIX + home + ".") ? key.slice(PREFIX.length + home.length + 1) : log.name;
    if (name === log.name) continue;
    const acts = parsed(text);
    log.others.set(name, acts);
    log.said.push(...acts.filter((act) => !said.has(nameOf(act))));
  }
  tell(log);
  keep(log, log.name, log.own);
}

export function addAct(log, says) {
  const act = { log: log.name, n: ++log.last, at: Date.now(), ...says };
  log.own.push(act);
  log.said.push(act);
  log.words.set(placeOf(act), { ...log.words.get(placeOf(act)), ...changes(act) });
  keep(log, log.name, log.own);
  return act;
}

// All that the server has not confirmed, each log in its order.
export const waitingActs = (log) => [...[...log.others.values()].flat(), ...log.own];

// `upTo` says for each log how far it is dealt with; `refused` are [log, number] of acts that will never be stored.
export function confirmActs(log, upTo, refused) {
  const before = waitingActs(log).length;
  const own = unsettled(log.own, upTo);
  if (own.length < log.own.length) keep(log, log.name, (log.own = own));
  for (const [name, acts] of log.others) settleOther(log, name, acts, upTo);
  const gone = (act) => refused.some(([name, n]) => name === act.log && n === act.n);
  const lost = log.said.filter(gone);
  if (lost.length) {
    log.said = log.said.filter((act) => !gone(act));
    tell(log);
  }
  return { confirmed: before - waitingActs(log).length, lost };
}

// What rows know by now that were read after the acts up to `known` had been stored: from here on the rows say it, with
// what others, or the reviewer in another tab, have said since.
export function forgetKnown(log, known) {
  const left = unsettled(log.said, known);
  if (left.length === log.said.length) return;
  log.said = left;
  tell(log);
}

// What this browser knows the reviewer to have said of an item: only what was said, so it lies over what a row says.
export const wordOn = (log, project, reviewer, item) => log.words.get(placeOf({ project, reviewer, item })) ?? {};

const placeOf = ({ project, reviewer, item }) => `${project} ${item} ${reviewer}`;
const nameOf = (act) => `${act.n} ${act.log}`;
const unsettled = (acts, upTo) => acts.filter((act) => act.n > (upTo[act.log] ?? 0));
const CHANGEABLE = ["label", "choice", "note", "flag"];
const changes = (act) => Object.fromEntries(CHANGEABLE.filter((name) => act[name] !== undefined).map((name) => [name, act[name]]));

function tell(log) {
  log.words = new Map();
  for (const act of [...log.said].sort((one, other) => one.at - other.at)) {
    log.words.set(placeOf(act), { ...log.words.get(placeOf(act)), ...changes(act) });
  }
}

// Another page's log may be growing while that page is open. So it goes when all of it is settled, and is left else.
function settleOther(log, name, acts, upTo) {
  const left = unsettled(acts, upTo);
  log.others.set(name, left);
  if (left.length < acts.length && !unsettled(parsed(stored(log, name)), upTo).length) keep(log, name, []);
}

const slotOf = (log, name) => `${PREFIX}${log.home}.${name}`;

function stored(log, name) {
  try {
    return log.storage.getItem(slotOf(log, name));
  } catch {
    return null;
  }
}

function keep(log, name, acts) {
  if (!log.home) return;
  try {
    const key = slotOf(log, name);
    if (acts.length) log.storage.setItem(key, JSON.stringify(acts));
    else log.storage.removeItem(key);
    log.isKept = true;
  } catch {
    log.isKept = !acts.length; // No room, or none allowed: then the acts live as long as the page does.
  }
}

function entriesOf(storage) {
  try {
    return Object.keys(storage).map((key) => [key, storage.getItem(key)]);
  } catch {
    return [];
  }
}

function parsed(text) {
  try {
    const acts = JSON.parse(text);
    return Array.isArray(acts) ? acts.filter((act) => Number.isInteger(act?.n) && typeof act.log === "string") : [];
  } catch {
    return [];
  }
}
