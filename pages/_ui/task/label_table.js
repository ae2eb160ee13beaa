// The label table: plain fields, which hold what is typed whatever the server does meanwhile.
//
// Every change is sent with the whole table. What the server has not confirmed yet is also kept for the tab, so that a
// reload in between, or a server that starts anew, loses nothing. Where another table is kept by then than any that was
// seen here, that one is shown, and what is held is offered.

import { fieldOf, headingOf, lineOf, make, stepOf, stepTaken, tableOf } from "../shell/cells.js";
import { erase, forget, leaveBehind, leftBehind, setAside } from "../shell/held.js";
import { firstWords, offer } from "../shell/left.js";
import { onConnection, whenAtRest } from "../shell/network.js";
import { attach, confirm, flush, schedule, settle } from "../shell/outbox.js";
import { mindSeat, sit, sitAgain, writers } from "../shell/seat.js";
import { changed, FIELDS, holdTable, PAUSE } from "./held_table.js";

const TITLES = { name: "Name", description: "Description", score: "Score", color: "Colour", key: "Key" };
const GROWING = ["name", "description"]; // shown whole, on as many lines as it takes
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
    tables.set(data.id, (table = holdTable(data)));
    if (table.outbox.isPending) table.outbox.timer = setTimeout(() => whenAtRest(table.outbox, PAUSE, flush), PAUSE);
  }
  if (attach(table.outbox, table.place, root, (value) => setStateValue("table", value))) {
    draw(table, data);
    writers.set(table.place, writer(table));
    root.addEventListener("focusin", (event) => sit(event.target));
    sitAgain();
  }
  if (confirm(table.outbox, data.confirmed)) forget(table.place);
  used(table, data);
  const leaving = () => {
    flush(table.outbox);
    leaveBehind(table.place);
  };
  window.addEventListener("pagehide", leaving);
  return () => {
    window.removeEventListener("pagehide", leaving);
    if (!root.isConnected) flush(table.outbox);
  };
}

// What was sent over no connection is sent as soon as there is one.
function watch() {
  mindSeat();
  onConnection((isUp) => {
    if (isUp) for (const { outbox } of tables.values()) if (outbox.isPending) whenAtRest(outbox, PAUSE, flush);
  });
  return true;
}

// Streamlit leaves the one of before in the page until the whole of it is drawn; nobody is to type into that.
function end(table) {
  settle(table.outbox);
  table.outbox.root.replaceChildren();
}

// Who writes in it is known by the row and the column, and goes on there after it was drawn anew.
function writer(table) {
  const rowOf = (place) => (Number(place) === table.rows.length ? table.fallback : table.rows[place]);
  const named = (name) => name.split(" ");
  return {
    nameOf: (field) => (table.outbox.root.contains(field) && field.dataset.field ? `${field.dataset.place} ${field.dataset.field}` : undefined),
    fieldOf: (name) => table.outbox.root.isConnected && fieldAt(table, ...named(name)),
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
  const { root } = table.outbox;
  root.replaceChildren();
  root.style.setProperty("--rows", String(table.rows.length + 1));
  root.toggleAttribute("data-scaled", Boolean(data.scaled));
  const palette = make("datalist");
  palette.id = "palette";
  for (const color of data.palette) palette.append(Object.assign(make("option"), { value: color.toLowerCase() }));
  const rows = table.rows.map((row, place) => line(table, data, row, place));
  const body = tableOf("Labels", header(data), ...rows, fallback(table, data));
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
  const titles = ["#", ...columns(data).map((field) => TITLES[field])].map((title) => headingOf(title));
  return lineOf("head", ...titles, headingOf(data.used_by, "cell used", data.used_help), headingOf(""));
}

function line(table, data, row, place) {
  const fields = columns(data).map((field) => input(table, data, row, field, place, `label ${place + 1}`));
  const mark = make("span", "place", String(place + 1));
  return lineOf("", mark, ...fields, make("span", "used", spoken(row.used)), actions(table, data, place));
}

function fallback(table, data) {
  const mark = make("span", "place", "∅");
  mark.title = "The fallback: for what fits no label.";
  const fields = columns(data).map((field) =>
    // The fallback stands on no scale.
    field === "score" ? make("span") : input(table, data, table.fallback, field, table.rows.length, "the fallback"),
  );
  return lineOf("fallback", mark, ...fields, make("span", "used", "fallback"), make("span"));
}

const columns = (data) => FIELDS.filter((field) => field !== "score" || data.scaled);
const spoken = (items) => (items ?? 0).toLocaleString("en-US");

function input(table, data, row, field, place, whose) {
  const element = fieldOf(field, `${TITLES[field]} of ${whose}`, GROWING.includes(field) ? "textarea" : "input");
  Object.assign(element.dataset, { field, place });
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
  element.onblur = () => schedule(table.outbox, 0);
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
  const cells = table.outbox.root.querySelectorAll(".line:not(.head):not(.fallback) .used");
  table.rows.forEach((row, place) => {
    row.used = counts.get(row.id) ?? 0;
    if (cells[place]) cells[place].textContent = spoken(row.used);
  });
}

// what is done

const emptyRow = () => ({ id: null, name: "", description: "", score: "", color: "", key: "", used: 0 });

function insert(table, data, place) {
  table.rows.splice(place, 0, emptyRow());
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
  return table.outbox.root.querySelector(`.field[data-place="${place}"][data-field="${field}"]`);
}

function pressed(event, table, data, place, field) {
  if (field === "color" && event.key !== "Enter") return;
  const step = stepTaken(event);
  if (!step) return;
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
  const shown = columns(data);
  const first = shown.indexOf(field);
  lines.forEach((cells, down) => {
    const at = place + down;
    if (at >= table.rows.length) {
      table.rows.push(emptyRow());
    }
    cells.split("\t").forEach((cell, right) => {
      const target = shown[first + right];
      if (target) table.rows[at][target] = cell.trim();
    });
  });
  redraw(table, data);
  focus(table, place, field);
}

function button(title, name, text, act) {
  const element = make("button", name, text);
  element.type = "button";
  element.title = title;
  element.setAttribute("aria-label", title);
  element.onclick = act;
  return element;
}
