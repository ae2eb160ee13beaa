// The log: every act of the reviewer, numbered, kept in the browser until the server has confirmed it.
// Acts of pages that were closed before their confirmation are found again and delivered, too. Each page numbers its
// own acts, a log for each project, since what is done on one may have to wait; the server stores each number of a log
// once, so nothing is stored twice, however often it is sent. Each act is an entry of its own in the browser's storage,
// so that a key costs the same however many wait.

const PREFIX = "labelloop.review.";
const ASIDE = "labelloop.aside.";

// `waiting` are the acts that are not confirmed, by name, each log in its order; `said` all whose words rows may not know.
export function createLog(storage, name) {
  return { storage, name, home: null, last: 0, waiting: new Map(), said: [], words: new Map(), unkept: new Set(), aside: 0 };
}

// `home` names the workbench: what was kept for another one at the same address waits for that one.
export function openLog(log, home) {
  log.home = home;
  keepUnkept(log);
  const found = entriesOf(log.storage, PREFIX + home + ".").flatMap(([key, text]) => readEntry(log, key, text));
  found.sort(([one], [other]) => one.n - other.n);
  const said = new Set(log.said.map(nameOf));
  for (const [act, key] of found) {
    if (!log.waiting.has(nameOf(act)) && !said.has(nameOf(act))) log.said.push(act);
    if (!isOwn(log, act)) log.waiting.set(nameOf(act), { act, key });
  }
  tell(log);
}

export function addAct(log, says) {
  const act = { log: `${log.name}.${says.project}`, n: ++log.last, at: Date.now(), ...says };
  log.waiting.set(nameOf(act), { act, key: null });
  log.said.push(act);
  log.words.set(placeOf(act), { ...log.words.get(placeOf(act)), ...changes(act) });
  log.unkept.add(nameOf(act));
  keepUnkept(log);
  return act;
}

// All that the server has not confirmed, each log in its order.
export const waitingActs = (log) => [...log.waiting.values()].map(({ act }) => act);
export const isKept = (log) => log.unkept.size === 0;

// `upTo` says for each log how far it is dealt with; `refused` are [log, number] of acts that will never be stored;
// `unread` are those of which the server makes nothing: they are set aside, and sent no more.
export function confirmActs(log, upTo, refused, unread = []) {
  const before = log.waiting.size;
  for (const [n, name] of namesOf(unread)) setAside(log, log.waiting.get(`${n} ${name}`));
  for (const { act, key } of log.waiting.values()) if (act.n <= (upTo[act.log] ?? 0)) letGo(log, act, key, upTo);
  const gone = new Set(namesOf([...refused, ...unread]).map((name) => name.join(" ")));
  const lost = gone.size ? log.said.filter((act) => gone.has(nameOf(act))) : [];
  if (lost.length) {
    log.said = log.said.filter((act) => !gone.has(nameOf(act)));
    tell(log);
  }
  return { confirmed: before - log.waiting.size, lost };
}

// What rows know by now that were read after the acts up to `known` had been stored: from here on the rows say it, with
// what others, or the reviewer in another tab, have said since.
export function forgetKnown(log, known) {
  const left = log.said.filter((act) => act.n > (known[act.log] ?? 0));
  if (left.length === log.said.length) return;
  log.said = left;
  tell(log);
}

// What this browser knows the reviewer to have said of an item: only what was said, so it lies over what a row says.
export const wordOn = (log, project, reviewer, item) => log.words.get(placeOf({ project, reviewer, item })) ?? {};

const placeOf = ({ project, reviewer, item }) => `${project} ${item} ${reviewer}`;
const nameOf = (act) => `${act.n} ${act.log}`;
const namesOf = (pairs) => pairs.map(([name, n]) => [n, name]);
const isOwn = (log, act) => act.log === log.name || act.log.startsWith(log.name + ".");
const CHANGEABLE = ["label", "choice", "value", "note", "flag"];
// What takes a value back says no other.
const changes = (act) => ({
  ...(act.back ? { value: null } : {}),
  ...Object.fromEntries(CHANGEABLE.filter((name) => act[name] !== undefined).map((name) => [name, act[name]])),
});

function tell(log) {
  log.words = new Map();
  for (const act of [...log.said].sort((one, other) => one.at - other.at)) {
    log.words.set(placeOf(act), { ...log.words.get(placeOf(act)), ...changes(act) });
  }
}

function letGo(log, act, key, upTo) {
  log.waiting.delete(nameOf(act));
  log.unkept.delete(nameOf(act));
  // An entry that holds several goes when all of it is settled, by what it holds now: a page that is open may add to it.
  if (!key || !parsed(stored(log, key)).some((one) => one?.n > (upTo[one?.log] ?? 0))) remove(log, key ?? slotOf(log, act));
}

// Of no use to anybody who can be asked here, but somebody's work: kept, and never sent again.
function setAside(log, entry) {
  if (!entry) return;
  const { act, key } = entry;
  if (write(log, `${ASIDE}${log.home}.${act.log}.${act.n}`, [act])) removeOf(log, key ?? slotOf(log, act), act);
  log.waiting.delete(nameOf(act));
  log.unkept.delete(nameOf(act));
}

function removeOf(log, key, act) {
  const left = parsed(stored(log, key)).filter((one) => !(one?.n === act.n && one?.log === act.log));
  if (left.length) write(log, key, left);
  else remove(log, key);
}

// The acts of an entry. What is none in it is set aside at once.
function readEntry(log, key, text) {
  const all = parsed(text);
  const acts = all.filter((act) => Number.isSafeInteger(act?.n) && act.n > 0 && typeof act.log === "string");
  if (acts.length < all.length || !all.length) {
    log.aside += Math.max(all.length - acts.length, 1);
    if (!write(log, ASIDE + key.slice(PREFIX.length), text)) return acts.map((act) => [act, key]);
    if (acts.length) write(log, key, acts);
    else remove(log, key);
  }
  return acts.map((act) => [act, key]);
}

const slotOf = (log, act) => `${PREFIX}${log.home}.${act.log}.${act.n}`;

// Where there is no room, or none is allowed, an act lives as long as the page does, and so do those after it: another
// page would have them stored, and the server then take the earlier one for stored, too.
function keepUnkept(log) {
  const full = new Set();
  for (const name of [...log.unkept]) {
    const { act } = log.waiting.get(name);
    if (!full.has(act.log) && log.home && write(log, slotOf(log, act), [act])) log.unkept.delete(name);
    else full.add(act.log);
  }
}

function stored(log, key) {
  try {
    return log.storage.getItem(key);
  } catch {
    return null;
  }
}

function write(log, key, value) {
  try {
    log.storage.setItem(key, typeof value === "string" ? value : JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

function remove(log, key) {
  try {
    log.storage.removeItem(key);
  } catch {
    // Then there is none.
  }
}

function entriesOf(storage, prefix) {
  try {
    return Object.keys(storage).filter((key) => key.startsWith(prefix)).map((key) => [key, storage.getItem(key)]);
  } catch {
    return [];
  }
}

function parsed(text) {
  try {
    const acts = JSON.parse(text);
    return Array.isArray(acts) ? acts : [];
  } catch {
    return [];
  }
}
