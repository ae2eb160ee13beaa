// The label table: plain fields, which hold what is typed whatever the server does meanwhile.
//
// Every change is sent with the whole table, so messages may overtake or replace each other. What the server has not
// confirmed yet is also kept for the tab, so that a reload in between, or a server that starts anew, loses nothing. Where
// another table is kept by then than any that was seen here, that one is shown, and what is held is offered.

import { AGAIN, erase, forget, isConnected, isLeaving, leaveBehind, leftBehind, onConnection, recall } from "../shell/held.js";
import { remember, setAside, unsent, wasSeen, whenAtRest, withSeen } from "../shell/held.js";
import { firstWords, offer } from "../shell/left.js";
import { mindSeat, sit, sitAgain, writers } from "../shell/seat.js";

const PAUSE = 120;
const FIELDS = ["name", "description", "color", "key"];
const TITLES = { name: "Name", description: "Description", color: "Colour", key: "Key" };
const tables = (globalThis.__labelTables ??= new Map());
let isWatched = false;

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".labels");
  isWatched ||= watch();
  let table = tables.get(data.id);
  if (!table) {
    for (const other of tables.values()) end(other);
    tables.clear(); // one is shown at a time
    tables.set(data.id, (table = begin(data)));
    if (table.isPending) table.timer = setTimeout(() => whenAtRest(table, PAUSE, flush), PAUSE);
  }
  table.send = (value) => setStateValue("table", value);
  if (table.root !== root) {
    table.root = root;
    unsent.set(table.place, { isPending: () => table.isPending && table.root.isConnected, send: () => flush(table) });
    draw(table, data);
    writers.set(table.place, writer(table));
    root.addEventListener("focusin", (event) => sit(event.target));
    sitAgain();
  }
  confirm(table, data);
  used(table, data);
  const leaving = () => {
    flush(table);
    leaveBehind(table.place);
  };
  window.addEventListener("pagehide", leaving);
  return () => {
    window.removeEventListener("pagehide", leaving);
    if (!root.isConnected) flush(table);
  };
}

// What was sent over no connection is sent as soon as there is one.
function watch() {
  mindSeat();
  onConnection((isUp) => {
    if (isUp) for (const table of tables.values()) if (table.isPending) whenAtRest(table, PAUSE, flush);
  });
  return true;
}

function begin(data) {
  const table = {
    id: data.id,
    place: data.place,
    rows: data.rows.map((row) => ({ ...row })),
    fallback: { ...data.fallback },
    seen: withSeen([], spelled(data)),
    seq: data.confirmed,
    isPending: false,
    timer: null,
  };
  takeBack(table);
  for (const left of leftBehind(table.place)) takeOver(table, left);
  return table;
}

// What this tab held when it was reloaded or cut off, or when the table was filled with something else.
function takeBack(table) {
  const own = recall(table.place);
  if (!own) return;
  const isThere = own.seq <= table.seq || spelled(own) === spelled(table);
  if (!isThere && wasSeen(own.seen, spelled(table))) return goOnWith(table, own);
  if (!isThere) setAside(table.place, { rows: own.rows, fallback: own.fallback, at: own.at });
  forget(table.place);
}

function takeOver(table, { key, said }) {
  const isThere = !said.rows || spelled(said) === spelled(table);
  const isFitting = !table.isPending && wasSeen(said.seen, spelled(table));
  if (!isThere && !isFitting) return;
  if (!isThere) {
    goOnWith(table, said);
    keep(table);
  }
  erase(key);
}

function goOnWith(table, { rows, fallback, seq, seen }) {
  Object.assign(table, { rows, fallback, seq: Math.max(seq, table.seq + 1), seen, isPending: true });
}

// A table as the server writes it down, whatever blanks were typed.
function spelled({ rows, fallback }) {
  const words = (row) => FIELDS.map((field) => `${row[field] ?? ""}`.trim());
  const spell = (row) => [row.id ?? null, ...words(row).map((word, at) => (FIELDS[at] === "color" ? word.toUpperCase() : word))];
  const isFilled = (row) => row.id || row.name?.trim() || row.description?.trim() || row.key?.trim();
  return JSON.stringify([...rows.filter(isFilled).map(spell), words(fallback)]);
}

// Streamlit leaves the one of before in the page until the whole of it is drawn; nobody is to type into that.
function end(table) {
  clearTimeout(table.timer);
  table.isPending = false;
  table.root.replaceChildren();
}

// what is sent, and kept until it is confirmed

function changed(table) {
  table.seq = Math.max(table.seq + 1, Date.now());
  table.isPending = true;
  if (isConnected()) table.seen = withSeen(table.seen, spelled(table)); // it may arrive, and never be confirmed
  keep(table);
  schedule(table, PAUSE);
}

function keep({ place, rows, fallback, seq, seen }) {
  remember(place, { rows, fallback, seq, seen });
}

function schedule(table, pause) {
  clearTimeout(table.timer);
  table.timer = setTimeout(() => flush(table), pause);
}

function flush(table) {
  clearTimeout(table.timer);
  if (!table.isPending) return;
  table.timer = setTimeout(() => whenAtRest(table, PAUSE, again), AGAIN);
  if (isLeaving()) return;
  table.seen = withSeen(table.seen, spelled(table));
  table.send({ seq: table.seq, rows: table.rows, fallback: table.fallback });
}

function again(table) {
  if (!table.isPending) return;
  keep(table); // so that no other tab takes it for left behind
  flush(table);
}

function confirm(table, data) {
  if (table.isPending && data.confirmed >= table.seq) {
    table.isPending = false;
    clearTimeout(table.timer);
    forget(table.place);
  }
}

// Who writes in it is known by the row and the column, and goes on there after it was drawn anew.
function writer(table) {
  const rowOf = (place) => (Number(place) === table.rows.length ? table.fallback : table.rows[place]);
  const named = (name) => name.split(" ");
  return {
    nameOf: (field) => (table.root.contains(field) && field.dataset.field ? `${field.dataset.place} ${field.dataset.field}` : undefined),
    fieldOf: (name) => table.root.isConnected && fieldAt(table, ...named(name)),
    take: (name, text) => {
      const [place, field] = named(name);
      if (rowOf(place)) rowOf(place)[field] = text;
      changed(table);
    },
    next: (name, event) => {
      const [place, field] = named(name);
      const row = Number(place) + stepOf(event);
      return stepOf(event) && rowOf(row) ? { name: `${row} ${field}`, text: rowOf(row)[field] ?? "" } : undefined;
    },
  };
}

// what is seen

function draw(table, data) {
  const root = table.root;
  root.replaceChildren();
  root.style.setProperty("--rows", String(table.rows.length + 1));
  const palette = make("datalist");
  palette.id = "palette";
  for (const color of data.palette) palette.append(Object.assign(make("option"), { value: color.toLowerCase() }));
  const body = make("div", "body");
  body.setAttribute("role", "table");
  body.setAttribute("aria-label", "Labels");
  body.append(header(data), ...table.rows.map((row, place) => line(table, data, row, place)));
  body.append(fallback(table, data));
  const add = button("Add a label", "add", "＋ Add a label", () => insert(table, data, table.rows.length));
  const bar = make("div", "left");
  root.append(bar, palette, body, add);
  offerFirst(table, data, bar);
}

// The newest table that was left behind, by the first row that is another.
function offerFirst(table, data, bar) {
  const left = leftBehind(table.place).find(({ said }) => said.rows);
  if (!left) return offer(bar, null);
  const { key, said } = left;
  const lines = ({ rows }) => rows.map((row) => [row.name, row.description].filter(Boolean).join(": "));
  const present = lines(table);
  const at = lines(said).findIndex((line) => line && !present.includes(line));
  const words = at < 0 ? "the same names in another order, colour or key" : firstWords(lines(said)[at], "");
  const take = () => {
    erase(key);
    setAside(table.place, { rows: table.rows, fallback: table.fallback, isReplaced: true });
    Object.assign(table, { rows: said.rows, fallback: said.fallback });
    redraw(table, data);
  };
  const rid = () => {
    erase(key);
    offerFirst(table, data, bar);
  };
  offer(bar, { ...said, title: "Labels", words }, take, rid);
}

function header(data) {
  const line = make("div", "line head");
  line.setAttribute("role", "row");
  for (const title of ["#", "Name", "Description", "Colour", "Key", data.used_by, ""]) {
    const cell = make("span", "cell", title);
    cell.setAttribute("role", "columnheader");
    line.append(cell);
  }
  line.lastChild.previousSibling.title = data.used_help;
  return line;
}

function line(table, data, row, place) {
  const element = make("div", "line");
  element.setAttribute("role", "row");
  element.append(make("span", "place", String(place + 1)));
  for (const field of FIELDS) element.append(input(table, data, row, field, place, `${TITLES[field]} of label ${place + 1}`));
  element.append(make("span", "used", (row.used ?? 0).toLocaleString("en-US")), actions(table, data, place));
  return element;
}

function fallback(table, data) {
  const element = make("div", "line fallback");
  element.setAttribute("role", "row");
  const mark = make("span", "place", "∅");
  mark.title = "The fallback: for what fits no label.";
  element.append(mark);
  for (const field of FIELDS) {
    element.append(input(table, data, table.fallback, field, table.rows.length, `${TITLES[field]} of the fallback`));
  }
  element.append(make("span", "used", "fallback"), make("span"));
  return element;
}

function input(table, data, row, field, place, name) {
  const element = make("input", `field ${field}`);
  element.setAttribute("aria-label", name);
  element.dataset.field = field;
  element.dataset.place = String(place);
  element.autocomplete = "off";
  element.spellcheck = field === "description";
  if (field === "color") {
    element.type = "color";
    element.setAttribute("list", "palette");
    element.value = /^#[0-9a-f]{6}$/i.test(row.color) ? row.color.toLowerCase() : "#888888";
    element.classList.toggle("none", !row.color);
  } else {
    element.value = row[field] ?? "";
    if (field === "key") element.maxLength = 1;
    if (field === "name") element.maxLength = 200;
  }
  element.oninput = () => {
    row[field] = field === "color" ? element.value.toUpperCase() : element.value;
    element.classList.remove("none");
    changed(table);
  };
  element.onblur = () => schedule(table, 0);
  element.onpaste = (event) => pasted(event, table, data, place, field);
  element.onkeydown = (event) => pressed(event, table, data, place, field);
  return element;
}

function actions(table, data, place) {
  const box = make("span", "actions");
  const up = button(`Move label ${place + 1} up`, "small", "↑", () => move(table, data, place, -1));
  const down = button(`Move label ${place + 1} down`, "small", "↓", () => move(table, data, place, 1));
  up.disabled = place === 0;
  down.disabled = place === table.rows.length - 1;
  box.append(up, down, button(`Remove label ${place + 1}`, "small", "✕", () => remove(table, data, place)));
  return box;
}

function used(table, data) {
  const counts = new Map(data.rows.map((row) => [row.id, row.used]));
  const cells = table.root.querySelectorAll(".line:not(.head):not(.fallback) .used");
  table.rows.forEach((row, place) => {
    row.used = counts.get(row.id) ?? 0;
    if (cells[place]) cells[place].textContent = row.used.toLocaleString("en-US");
  });
}

// what is done

function insert(table, data, place) {
  table.rows.splice(place, 0, { id: null, name: "", description: "", color: "", key: "", used: 0 });
  redraw(table, data);
  focus(table, place, "name");
}

function remove(table, data, place) {
  table.rows.splice(place, 1);
  redraw(table, data);
}

function move(table, data, place, by) {
  const [row] = table.rows.splice(place, 1);
  table.rows.splice(place + by, 0, row);
  redraw(table, data);
}

function redraw(table, data) {
  draw(table, data);
  changed(table);
}

function focus(table, place, field) {
  fieldAt(table, place, field)?.focus();
}

function fieldAt(table, place, field) {
  return table.root.querySelector(`input[data-place="${place}"][data-field="${field}"]`);
}

function stepOf({ key, shiftKey }) {
  return { Enter: shiftKey ? -1 : 1, ArrowDown: 1, ArrowUp: -1 }[key];
}

function pressed(event, table, data, place, field) {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = stepOf(event);
  if (!step || (field === "color" && event.key !== "Enter")) return;
  event.preventDefault();
  event.stopPropagation();
  if (event.key === "Enter" && step > 0 && place === table.rows.length - 1 && filled(table.rows[place])) {
    insert(table, data, table.rows.length);
    return focus(table, place + 1, field);
  }
  focus(table, place + step, field);
}

function filled(row) {
  return Boolean(row.name || row.description);
}

// Cells copied from a spreadsheet fill the table from where they are pasted.
function pasted(event, table, data, place, field) {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  const lines = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n");
  if (lines.length === 1 && !text.includes("\t")) return;
  if (place >= table.rows.length || field === "color") return;
  event.preventDefault();
  const first = FIELDS.indexOf(field);
  lines.forEach((cells, down) => {
    const at = place + down;
    if (at >= table.rows.length) {
      table.rows.push({ id: null, name: "", description: "", color: "", key: "", used: 0 });
    }
    cells.split("\t").forEach((cell, right) => {
      const target = FIELDS[first + right];
      if (target) table.rows[at][target] = cell.trim();
    });
  });
  redraw(table, data);
  focus(table, place, field);
}

function make(tag, name = "", text = "") {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text) element.textContent = text;
  return element;
}

function button(title, name, text, act) {
  const element = make("button", name, text);
  element.type = "button";
  element.title = title;
  element.setAttribute("aria-label", title);
  element.onclick = act;
  return element;
}
