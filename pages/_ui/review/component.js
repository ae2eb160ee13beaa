// Everything a person does here is one entry of a log kept in the browser and sent whole after each act.
// Data set text, labels, names and reasons only ever reach the page through textContent.

const SHOWN_AT_FIRST = 20000;
const FIELD_SHOWN_AT_FIRST = 500;
const MANY = 20;
const PACE_WINDOW = 20;
const MEASURED_ENOUGH = 3;

const instances = new WeakMap();
const live = [];
let lastSeq = 0;

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".review");
  if (!data || !root) return;
  let it = instances.get(parentElement);
  if (!it || it.root !== root) {
    if (it) retire(it);
    it = create(root);
    instances.set(parentElement, it);
  }
  it.component = component;
  if (it.revision !== data.revision) begin(it, data);
  return () => {
    leaveNote(it);
    clearTimeout(it.moved);
    retire(it);
    instances.delete(parentElement);
  };
}

// ---------------------------------------------------------------- instances

function create(root) {
  const part = (name) => root.querySelector("." + name);
  const it = { root, part, revision: null, log: [] };
  root.onclick = (event) => clicked(it, event);
  part("note").onblur = () => leaveNote(it);
  part("filter").oninput = () => filterChoices(it);
  part("overlay").onclick = (event) => {
    if (event.target === part("overlay")) closeOverlay(it);
  };
  live.push(it);
  if (live.length === 1) {
    document.addEventListener("keydown", onKey, true);
    document.addEventListener("focusin", onFocus, true);
    document.addEventListener("focusout", onFocus, true);
    document.addEventListener("visibilitychange", onVisibility);
  }
  return it;
}

function retire(it) {
  const place = live.indexOf(it);
  if (place >= 0) live.splice(place, 1);
  if (live.length) return;
  document.removeEventListener("keydown", onKey, true);
  document.removeEventListener("focusin", onFocus, true);
  document.removeEventListener("focusout", onFocus, true);
  document.removeEventListener("visibilitychange", onVisibility);
}

function begin(it, data) {
  clearTimeout(it.moved);
  it.revision = data.revision;
  it.data = data;
  it.asking = false;
  // Acts on the batch before that the server had not seen when it made this one go along once more.
  it.log = it.log.filter((entry) => entry.seq > data.seen);
  lastSeq = Math.max(lastSeq, data.seen);
  it.own = new Map(data.rows.map((row) => [row.id, { label: row.mine, note: row.note, flag: row.flagged }]));
  it.at = Math.min(Math.max(data.start, 0), data.rows.length);
  it.undo = [];
  it.redo = [];
  it.timed = [];
  it.blind = data.blind;
  it.shown = null;
  it.byKey = new Map(data.choices.filter((choice) => choice.key).map((choice) => [choice.key, choice]));
  it.byName = new Map(data.choices.map((choice) => [choice.name, choice]));
  it.part("overlay").hidden = true;
  it.part("filter").value = "";
  buildChoices(it);
  buildHints(it);
  say(it, "");
  render(it);
}

// ---------------------------------------------------------------- acts

const row = (it) => it.data.rows[it.at];
const ownOf = (it, id) => it.own.get(id);
const atEnd = (it) => it.at >= it.data.rows.length;
const prefilled = (it) => ownOf(it, row(it).id).label ?? (it.blind ? null : row(it).suggestion);

const noSuggestion = (one) => (one.differ ? "They differ: choose a label" : "No suggestion here: pick a label");
const differs = (it) => !atEnd(it) && !it.blind && row(it).differ && ownOf(it, row(it).id).label === null;

function record(it, id, next, seconds) {
  lastSeq = Math.max(lastSeq + 1, Date.now());
  it.own.set(id, next);
  it.log.push({ seq: lastSeq, item_id: id, ...next, seconds, blind: it.blind });
}

function act(it, change) {
  const { id } = row(it);
  const before = ownOf(it, id);
  const after = { ...before, ...change };
  const seconds = Math.round(performance.now() - it.since) / 1000;
  if ("label" in change) it.timed.push(seconds);
  it.undo.push({ id, at: it.at, then: it.at + ("label" in change ? 1 : 0), before, after });
  it.redo = [];
  record(it, id, after, seconds);
}

function emit(it) {
  clearTimeout(it.moved);
  const { revision, at: position, asking: more } = it;
  it.component.setStateValue("log", { revision, position, more, decisions: it.log.slice() });
}

function pick(it, label) {
  if (atEnd(it)) return;
  const note = it.part("note").value;
  act(it, { label, note });
  say(it, "Labelled", label, "U undoes");
  go(it, it.at + 1);
  emit(it);
}

function accept(it) {
  if (atEnd(it)) return askMore(it);
  const label = prefilled(it);
  if (label === null) {
    leaveNote(it);
    return say(it, it.blind ? "Others are hidden: pick a label" : noSuggestion(row(it)));
  }
  pick(it, label);
}

function replay(it, from, to, which, word) {
  const entry = it[from].pop();
  if (!entry) return say(it, from === "undo" ? "Nothing to undo" : "Nothing to redo");
  it[to].push(entry);
  record(it, entry.id, entry[which], 0);
  it.shown = null;
  say(it, word, entry.after.label ?? "");
  go(it, from === "undo" ? entry.at : entry.then);
  emit(it);
}

function move(it, step) {
  const to = it.at + step;
  if (to < 0 || to > it.data.rows.length) return;
  leaveNote(it);
  say(it, "");
  go(it, to);
  // The place alone is not worth a rerun for each key held by an impatient finger.
  clearTimeout(it.moved);
  it.moved = setTimeout(() => emit(it), 300);
}

function go(it, to) {
  it.at = to;
  it.part("filter").value = "";
  filterChoices(it);
  render(it);
}

function toggleFlag(it) {
  if (atEnd(it)) return;
  const flag = !ownOf(it, row(it).id).flag;
  act(it, { flag, note: it.part("note").value });
  say(it, flag ? "Flagged" : "Flag removed");
  render(it);
  emit(it);
}

function leaveNote(it) {
  if (!it.data || atEnd(it) || it.shown !== row(it).id) return;
  const note = it.part("note").value;
  if (note === ownOf(it, row(it).id).note) return;
  act(it, { note });
  say(it, "Note kept");
  emit(it);
}

function toggleBlind(it) {
  it.blind = !it.blind;
  it.shown = null;
  say(it, it.blind ? "The others are hidden" : "The others are shown");
  render(it);
}

function askMore(it) {
  if (!moreLeft(it) || it.asking) return;
  it.asking = true;
  render(it);
  emit(it);
}

const moreLeft = (it) => Math.max(0, it.data.total - it.data.before - it.data.rows.length);

const COMMANDS = {
  accept,
  back: (it) => move(it, -1),
  skip: (it) => move(it, 1),
  undo: (it) => replay(it, "undo", "redo", "before", "Undone"),
  redo: (it) => replay(it, "redo", "undo", "after", "Redone"),
  blind: toggleBlind,
  flag: toggleFlag,
  note: (it) => atEnd(it) || it.part("note").focus(),
  find: (it) => atEnd(it) || it.part("filter").focus(),
  guidelines: (it) => openOverlay(it, "Guidelines", guidelines(it)),
  keys: (it) => openOverlay(it, "Keys", keyTable(it)),
};

const KEYS = {
  Enter: "accept", ArrowLeft: "back", ArrowRight: "skip", u: "undo", b: "blind", f: "flag", n: "note",
  g: "guidelines", "?": "keys",
};

const HINTS = [
  ["accept", "Enter", "accept"], ["back", "←", "back"], ["skip", "→", "skip"], ["undo", "U", "undo"],
  ["blind", "B", "blind"], ["flag", "F", "flag"], ["note", "N", "note"], ["find", "/", "find"],
  ["guidelines", "G", "guidelines"], ["keys", "?", "keys"],
];

// ---------------------------------------------------------------- keys

const TYPING = "input, textarea, select, [contenteditable]:not([contenteditable='false'])";
const OWN_ARROWS = "[role=slider], [role=tab], [role=radio], [role=grid], [role=listbox], [role=menu], [role=tree]";

const elements = (event) => event.composedPath().filter((node) => node instanceof Element);
const within = (event, selector) => elements(event).some((node) => node.matches(selector));

function consume(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

function onKey(event) {
  const it = live[live.length - 1];
  if (!it || event.isComposing) return;
  const inside = event.composedPath().includes(it.root);
  if (!it.part("overlay").hidden) return overlayKey(it, event);
  if (inside && event.composedPath()[0] === it.part("note")) return noteKey(it, event);
  if (inside && event.composedPath()[0] === it.part("filter")) return filterKey(it, event);
  if (!inside && within(event, TYPING + ", [role=dialog]")) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && !event.altKey) return once(it, event, accept);
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (!inside && event.key.startsWith("Arrow") && within(event, OWN_ARROWS)) return;
  if (event.key === "Enter" && within(event, "button, a, summary, [role=button]")) return;
  const command = meaning(it, event);
  if (command) once(it, event, command);
  else if (!atEnd(it)) scrollReading(it, event);
}

// A key of ours that is held down stays ours, so that nobody else acts on it either.
function once(it, event, command) {
  consume(event);
  if (!event.repeat) command(it);
}

function meaning(it, event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === "u" && event.shiftKey) return COMMANDS.redo;
  if (key === "/") return it.data.choices.length > MANY ? COMMANDS.find : null;
  if (KEYS[key]) return COMMANDS[KEYS[key]];
  // On layouts where digits need Shift the digit row still labels.
  const digit = !event.shiftKey && /^Digit(\d)$/.exec(event.code);
  const choice = it.byKey.get(key) ?? (digit ? it.byKey.get(digit[1]) : undefined);
  return choice ? () => pick(it, choice.name) : null;
}

// What is typed never leaves the field: the page around has single-letter shortcuts of its own.
function noteKey(it, event) {
  const done = event.key === "Escape" || event.key === "Enter";
  if (!done) return event.stopImmediatePropagation();
  consume(event);
  if (event.repeat) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) accept(it);
  rest(it);
}

function filterKey(it, event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step && event.key !== "Enter" && event.key !== "Escape") return event.stopImmediatePropagation();
  consume(event);
  if (step) return highlight(it, it.highlighted + step);
  if (event.repeat) return;
  const chosen = it.matches[it.highlighted];
  if (event.key === "Escape") {
    it.part("filter").value = "";
    filterChoices(it);
  } else if (event.ctrlKey || event.metaKey) accept(it);
  else if (chosen) pick(it, chosen.dataset.label);
  else return;
  rest(it);
}

function overlayKey(it, event) {
  if (event.key === "Escape") {
    consume(event);
    closeOverlay(it);
  } else if (event.key === "Tab") {
    consume(event);
    it.part("close").focus();
  } else event.stopImmediatePropagation();
}

function scrollReading(it, event) {
  const box = it.part("reading");
  if (box.scrollHeight <= box.clientHeight + 1 || within(event, "button, a, summary")) return;
  const page = box.clientHeight * 0.85;
  const by = { ArrowDown: 48, ArrowUp: -48, PageDown: page, PageUp: -page, " ": event.shiftKey ? -page : page };
  if (!(event.key in by)) return;
  consume(event);
  box.scrollTop += by[event.key];
}

const rest = (it) => it.root.focus({ preventScroll: true });

function onFocus() {
  const it = live[live.length - 1];
  queueMicrotask(() => {
    const active = document.activeElement;
    const foreign = active && active !== it?.root.getRootNode().host && active.closest(TYPING + ", [role=dialog]");
    it?.root.toggleAttribute("data-resting", Boolean(foreign));
  });
}

let hiddenSince = null;

// Time in another tab is not time spent on the item.
function onVisibility() {
  if (document.hidden) hiddenSince = performance.now();
  else if (hiddenSince !== null) {
    const away = performance.now() - hiddenSince;
    for (const it of live) it.since += away;
    hiddenSince = null;
  }
}

function clicked(it, event) {
  const button = event.target.closest("button");
  if (button) {
    if (button.dataset.label !== undefined) pick(it, button.dataset.label);
    else if (button.dataset.act) COMMANDS[button.dataset.act](it);
    else if (button.classList.contains("close")) closeOverlay(it);
  }
  const typing = it.root.getRootNode().activeElement?.matches("input");
  const byMouse = event.detail > 0;
  if (byMouse && !typing && it.part("overlay").hidden && !String(getSelection())) rest(it);
}

// ---------------------------------------------------------------- drawing

function make(tag, name, text) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text !== undefined) node.textContent = text;
  return node;
}

function say(it, words, label, aside) {
  const parts = [make("span", "", words)];
  if (label) parts.push(chip(it, label));
  if (aside) parts.push(make("span", "aside", aside));
  it.part("said").replaceChildren(...(words ? parts : []));
  it.spoken = [words, label].filter(Boolean).join(" ");
}

function chip(it, label) {
  const node = make("span", "chip", label);
  node.dir = "auto";
  node.title = label;
  paint(node, it.byName.get(label)?.color);
  return node;
}

const paint = (node, color) => color && node.style.setProperty("--c", color);

function render(it) {
  const end = atEnd(it);
  it.root.toggleAttribute("data-end", end);
  it.root.toggleAttribute("data-blind", it.blind);
  it.root.setAttribute("aria-busy", String(it.asking));
  it.part("end").hidden = !end;
  renderProgress(it);
  if (end) renderEnd(it);
  else renderRow(it);
  renderHints(it);
}

function renderRow(it) {
  const now = row(it);
  if (it.shown !== now.id) {
    const another = it.reading !== now;
    it.shown = now.id;
    if (another) showText(it, now);
    renderOpinions(it, now);
    renderHistory(it, now);
    it.part("note").value = ownOf(it, now.id).note;
  }
  const { label, flag } = ownOf(it, now.id);
  const button = it.part("flag");
  button.setAttribute("aria-pressed", String(flag));
  button.replaceChildren(make("kbd", "", "F"), flag ? " flagged" : " flag");
  it.part("mine").replaceChildren(label === null ? make("span", "none", "–") : chip(it, label));
  const suggested = it.blind ? null : now.suggestion;
  for (const choice of it.buttons) {
    choice.setAttribute("aria-pressed", String(choice.dataset.label === label));
    choice.toggleAttribute("data-suggested", label === null && choice.dataset.label === suggested);
  }
}

function showText(it, now) {
  it.reading = now;
  it.since = performance.now();
  const text = it.part("text");
  text.toggleAttribute("data-long", now.text.length > 600);
  longText(text, now.text, SHOWN_AT_FIRST);
  it.part("fields").replaceChildren(...now.fields.flatMap(([name, value]) => {
    const shown = make("dd");
    shown.dir = "auto";
    longText(shown, value, FIELD_SHOWN_AT_FIRST);
    return [make("dt", "", name), shown];
  }));
  it.part("reading").scrollTop = 0;
}

function longText(node, text, limit) {
  node.textContent = text.length <= limit ? text : text.slice(0, wholeCharacters(text, limit)) + "…";
  if (text.length <= limit) return;
  const all = make("button", "all", `show all ${text.length.toLocaleString("en")} characters`);
  all.type = "button";
  all.onclick = () => node.replaceChildren(...pieces(text).map((piece) => make("div", "piece", piece)));
  node.append(" ", all);
}

// One paragraph of a megabyte takes seconds to lay out; of pieces, the browser lays out only those in view.
function pieces(text) {
  const found = [];
  for (let from = 0; from < text.length; ) {
    let to = wholeCharacters(text, Math.min(from + SHOWN_AT_FIRST / 4, text.length));
    const space = to < text.length ? Math.max(text.lastIndexOf("\n", to), text.lastIndexOf(" ", to)) : -1;
    if (space > from) to = space + 1;
    found.push(text.slice(from, to));
    from = to;
  }
  return found;
}

// Cutting between the two halves of an emoji would show a broken character.
function wholeCharacters(text, limit) {
  const code = text.charCodeAt(limit - 1);
  return limit < text.length && code >= 0xd800 && code <= 0xdbff ? limit - 1 : limit;
}

function renderOpinions(it, now) {
  const reference = now.opinions.find((opinion) => opinion.is_reference);
  const lines = now.opinions.map((opinion) => opinionLine(it, opinion, reference));
  const mine = opinionFrame("you", "");
  mine.line.classList.add("you");
  mine.says.className = "says mine";
  if (it.blind && lines.length) lines.push(make("div", "veil", "B shows what the others say"));
  it.part("opinions").replaceChildren(...lines, mine.line);
}

// Names of models differ in their ends (prompt version, number of the fine-tune). Three lines hold this much.
function withItsEnd(name) {
  const letters = Array.from(name);
  return letters.length > 24 ? `${letters.slice(0, 13).join("")}…${letters.slice(-10).join("")}` : name;
}

function opinionFrame(name, color) {
  const line = make("div", "opinion");
  line.setAttribute("role", "listitem");
  const dot = make("i", "dot");
  paint(dot, color);
  const who = make("span", "who");
  who.append(make("span", "name", withItsEnd(name)));
  who.title = name;
  const says = make("span", "says");
  line.append(dot, who, says);
  return { line, who, says };
}

function opinionLine(it, opinion, reference) {
  const { line, who, says } = opinionFrame(opinion.annotator, opinion.color);
  if (opinion.is_reference) who.append(make("span", "role", "reference"));
  if (it.blind) {
    says.append(make("span", "none", "hidden"));
    return line;
  }
  says.append(opinion.label === null ? make("span", "none", "–") : chip(it, opinion.label));
  if (opinion.confidence !== null) {
    line.append(make("span", "confidence", opinion.confidence.toFixed(2).replace(/^0/, "")));
    line.lastChild.title = "confidence";
  }
  if (reference && !opinion.is_reference && opinion.label !== null) {
    const same = opinion.label === reference.label;
    const mark = make("span", same ? "mark" : "mark differs", same ? "=" : "≠");
    mark.title = same ? "as the reference" : "differs from the reference";
    mark.setAttribute("aria-label", mark.title);
    mark.setAttribute("role", "img");
    line.append(mark);
  }
  if (opinion.reason) line.append(make("span", "reason", opinion.reason));
  return line;
}

function renderHistory(it, now) {
  const lines = it.blind && now.history.length ? ["history hidden"] : now.history;
  it.part("history").replaceChildren(...lines.map((line) => {
    const node = make("div", "", line);
    node.dir = "auto";
    return node;
  }));
}

function secondsEach(it) {
  if (it.timed.length < MEASURED_ENOUGH) return it.data.pace;
  // The middle one: a coffee break is not the pace.
  const recent = it.timed.slice(-PACE_WINDOW).sort((a, b) => a - b);
  return recent[Math.floor(recent.length / 2)];
}

function renderProgress(it) {
  const { before, total, reviewed } = it.data;
  const passed = before + it.at;
  const number = Math.min(passed + (atEnd(it) ? 0 : 1), total);
  const parts = [`${number.toLocaleString("en")} of ${total.toLocaleString("en")}`];
  if (reviewed) parts.push(`${reviewed.toLocaleString("en")} reviewed before`);
  const each = secondsEach(it);
  if (each !== null && total > passed) {
    parts.push(`${each.toFixed(1)} s each`, timeLeft((total - passed) * each));
  }
  it.part("count").textContent = parts.join(" · ");
  it.part("bar").firstElementChild.style.width = `${total ? (100 * passed) / total : 0}%`;
  const spoken = atEnd(it) ? "End of the batch" : `Item ${number} of ${total}`;
  it.part("live").textContent = [it.spoken, spoken].filter(Boolean).join(". ");
}

function timeLeft(seconds) {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return "less than 1 min left";
  return minutes < 90 ? `about ${minutes} min left` : `about ${(minutes / 60).toFixed(1)} h left`;
}

function buildHints(it) {
  it.hints = HINTS.map(([name, glyph, word]) => {
    const hint = make("button", "hint");
    hint.type = "button";
    hint.dataset.act = name;
    hint.append(make("kbd", "", glyph), " ", make("span", "", word), " ", make("b"));
    return hint;
  });
  const resting = make("span", "resting", "Keys rest while you are in another field. Click here to go on.");
  it.part("hints").replaceChildren(resting, ...it.hints);
}

function renderHints(it) {
  const label = atEnd(it) ? null : prefilled(it);
  const keep = !atEnd(it) && ownOf(it, row(it).id).label !== null;
  for (const hint of it.hints) {
    const name = hint.dataset.act;
    hint.hidden = !hintApplies(it, name, label);
    if (name === "accept") hint.querySelector("span").textContent = acceptWord(it, keep);
    if (name === "accept") hint.querySelector("b").textContent = label ?? "";
    if (name === "blind") hint.setAttribute("aria-pressed", String(it.blind));
  }
}

const acceptWord = (it, keep) => (differs(it) ? "they differ: choose" : keep ? "keep" : "accept");

function hintApplies(it, name, label) {
  if (name === "accept") return label !== null || differs(it);
  if (name === "find") return it.data.choices.length > MANY && !atEnd(it);
  if (name === "back") return it.data.rows.length > 0;
  return !atEnd(it) || ["undo", "guidelines", "keys"].includes(name);
}

// ---------------------------------------------------------------- choices

function buildChoices(it) {
  const many = it.data.choices.length > MANY;
  it.root.toggleAttribute("data-many", many);
  it.part("filter").hidden = !many;
  it.buttons = it.data.choices.map((choice) => {
    const button = make("button", "choice");
    button.type = "button";
    button.dataset.label = choice.name;
    button.title = choice.description;
    button.toggleAttribute("data-fallback", choice.is_fallback);
    paint(button, choice.color);
    if (choice.key) button.append(make("kbd", "", choice.key.toUpperCase()));
    const name = make("span", "", choice.name);
    name.dir = "auto";
    button.append(name);
    return button;
  });
  it.part("choices").replaceChildren(...it.buttons);
  it.filtered = "";
  it.matches = it.buttons;
  it.highlighted = 0;
}

function filterChoices(it) {
  const wanted = it.part("filter").value.trim().toLowerCase();
  if (wanted === it.filtered) return;
  it.filtered = wanted;
  for (const button of it.buttons) button.hidden = !button.dataset.label.toLowerCase().includes(wanted);
  const starts = (button) => (button.dataset.label.toLowerCase().startsWith(wanted) ? 0 : 1);
  it.matches = it.buttons.filter((button) => !button.hidden);
  const best = it.matches.findIndex((button) => starts(button) === 0);
  highlight(it, Math.max(best, 0));
}

function highlight(it, to) {
  const count = it.matches.length;
  it.highlighted = count ? (to + count) % count : 0;
  for (const button of it.buttons) button.removeAttribute("data-highlighted");
  const chosen = it.matches[it.highlighted];
  if (!it.filtered || !chosen) return;
  chosen.setAttribute("data-highlighted", "");
  chosen.scrollIntoView({ block: "nearest" });
}

// ---------------------------------------------------------------- end and overlays

function renderEnd(it) {
  const rows = it.data.rows;
  const label = (one) => ownOf(it, one.id).label;
  const decided = rows.filter((one) => label(one) !== null);
  const suggested = decided.filter((one) => one.suggestion !== null);
  const changed = suggested.filter((one) => label(one) !== one.suggestion);
  const flagged = rows.filter((one) => ownOf(it, one.id).flag);
  const facts = [
    ["decided", `${decided.length} of ${rows.length}`],
    ["changed against the suggestion", `${changed.length} of ${suggested.length}`],
    ["skipped", String(rows.length - decided.length)],
    ["flagged", String(flagged.length)],
  ];
  const parts = rows.length
    ? [make("h3", "", moreLeft(it) ? "End of this batch" : "End of the queue"), factTable(facts),
       agreements(it, decided)]
    : [make("h3", "", "Nothing to review in this queue")];
  if (moreLeft(it)) parts.push(moreButton(it));
  it.part("end").replaceChildren(...parts);
}

function factTable(facts) {
  const list = make("dl", "facts");
  for (const [name, value] of facts) list.append(make("dt", "", name), make("dd", "", value));
  return list;
}

function agreements(it, decided) {
  const tally = new Map();
  for (const one of decided) {
    for (const opinion of one.opinions) {
      if (opinion.label === null) continue;
      const count = tally.get(opinion.annotator) ?? { agreed: 0, of: 0, color: opinion.color };
      count.of += 1;
      if (opinion.label === ownOf(it, one.id).label) count.agreed += 1;
      tally.set(opinion.annotator, count);
    }
  }
  const list = make("div", "agreed");
  if (tally.size) list.append(make("h4", "", "You agreed with"));
  for (const [name, { agreed, of, color }] of tally) {
    const { line, says } = opinionFrame(name, color);
    says.textContent = `${agreed} of ${of}`;
    list.append(line);
  }
  return list;
}

function moreButton(it) {
  const button = make("button", "more");
  button.type = "button";
  button.dataset.act = "accept";
  button.disabled = it.asking;
  const left = moreLeft(it).toLocaleString("en");
  button.append(make("kbd", "", "Enter"), it.asking ? " Loading…" : ` Load more (${left} left)`);
  return button;
}

function openOverlay(it, title, content) {
  leaveNote(it);
  it.part("sheet").setAttribute("aria-label", title);
  it.part("sheethead").firstElementChild.textContent = title;
  it.part("sheetbody").replaceChildren(...content);
  it.part("sheetbody").scrollTop = 0;
  it.part("overlay").hidden = false;
  it.part("sheet").focus({ preventScroll: true });
}

function closeOverlay(it) {
  it.part("overlay").hidden = true;
  rest(it);
}

function guidelines(it) {
  const text = make("div", "guidelines");
  text.append(...markdown(it.data.guidelines || "No guidelines are written yet."));
  const labels = make("dl", "about");
  for (const choice of it.data.choices.filter((one) => one.description)) {
    const name = make("dt");
    name.append(chip(it, choice.name));
    const what = make("dd", "", choice.description);
    what.dir = "auto";
    labels.append(name, what);
  }
  return [text, labels];
}

// ---------------------------------------------------------------- guidelines

// A subset of Markdown, as elements made here around text: no HTML, no address that could be followed or fetched.
const FENCE = /^\s*```/;
const HEADING = /^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$/;
const LISTED = /^(\s*)(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/;

function markdown(text) {
  const blocks = [];
  let open = null; // what the next line may belong to
  const begin = (block) => {
    open = block;
    blocks.push(block);
  };
  for (const line of text.split(/\r?\n/)) {
    if (FENCE.test(line)) open?.code ? (open = null) : begin({ tag: "pre", code: true, lines: [] });
    else if (open?.code) open.lines.push(line);
    else if (!line.trim()) open = null;
    else if (HEADING.test(line)) {
      begin({ tag: "h5", lines: [HEADING.exec(line)[1]] });
      open = null;
    } else if (LISTED.test(line)) begin(listItem(LISTED.exec(line)));
    else if (open) open.lines.push(line.trim());
    else begin({ tag: "p", lines: [line.trim()] });
  }
  return gathered(blocks);
}

const listItem = ([, indent, number, words]) => ({
  tag: "li", list: number ? "ol" : "ul", number: Number(number), level: Math.floor(indent.length / 2), lines: [words],
});

function gathered(blocks) {
  const nodes = [];
  for (const block of blocks) {
    const node = blockNode(block);
    const last = nodes[nodes.length - 1];
    if (!block.list) nodes.push(node);
    else if (last?.localName === block.list) last.append(node);
    else {
      const list = make(block.list);
      if (block.list === "ol") list.start = block.number;
      list.append(node);
      nodes.push(list);
    }
  }
  return nodes;
}

function blockNode(block) {
  const node = make(block.tag);
  node.dir = "auto";
  if (block.code) node.append(make("code", "", block.lines.join("\n")));
  else node.append(...inline(block.lines.join("\n")));
  if (block.level) node.style.marginInlineStart = `${Math.min(block.level, 6) * 1.2}em`;
  return node;
}

const INLINE = new RegExp([
  "\\\\([!-/:-@[-`{-~])", // escaped
  "`([^`]+)`",
  "!\\[[^\\]]*\\]\\([^)]*\\)", // an image: nothing is left of it
  "\\[([^\\]]+)\\]\\([^)]*\\)", // a link: its words
  "\\*\\*(?=\\S)(.+?)\\*\\*",
  "(?<!\\w)__(?=\\S)(.+?)__(?!\\w)",
  "\\*(?=[^\\s*])([^*]+)\\*",
  "(?<!\\w)_(?=[^\\s_])([^_]+)_(?!\\w)",
].join("|"), "gs");

function inline(text) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(INLINE)) {
    const [whole, escaped, code, link, strong, strongToo, stressed, stressedToo] = found;
    nodes.push(text.slice(from, found.index));
    from = found.index + whole.length;
    if (escaped) nodes.push(escaped);
    else if (code) nodes.push(make("code", "", code));
    else if (link) nodes.push(...inline(link));
    else if (strong ?? strongToo) nodes.push(around("strong", strong ?? strongToo));
    else if (stressed ?? stressedToo) nodes.push(around("em", stressed ?? stressedToo));
  }
  nodes.push(text.slice(from));
  return nodes.filter((node) => node !== "");
}

function around(tag, words) {
  const node = make(tag);
  node.append(...inline(words));
  return node;
}

// ---------------------------------------------------------------- table of keys

const KEY_LINES = [
  ["Enter", "keep your label, or accept the one on which all shown agree, and go on"],
  ["", "where they differ: choose; only where nothing but models has labelled and the queue is not about their "
    + "being wrong, the most confident one's is accepted"],
  ["Ctrl Enter", "the same, also while typing a note"],
  ["← →", "back, skip"],
  ["U", "undo; with Shift, redo"],
  ["B", "hide or show what the others say"],
  ["F", "flag this item"],
  ["N", "write a note; Enter or Esc returns"],
  ["/", "find a label by typing"],
  ["G", "guidelines"],
  ["?", "these keys"],
];

function keyTable(it) {
  const labels = make("dl", "keytable");
  const commands = make("dl", "keytable");
  for (const choice of it.byKey.values()) keyLine(labels, choice.key.toUpperCase(), chip(it, choice.name));
  for (const [glyph, what] of KEY_LINES) {
    if (glyph !== "/" || it.data.choices.length > MANY) keyLine(commands, glyph, what);
  }
  const both = make("div", "keytables");
  both.append(labels, commands);
  return [both];
}

function keyLine(table, glyph, what) {
  const name = make("dt");
  if (glyph) name.append(make("kbd", "", glyph));
  const means = make("dd");
  means.append(what);
  table.append(name, means);
}
