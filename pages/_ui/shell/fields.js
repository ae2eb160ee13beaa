// A table of plain fields, which hold what is typed whatever the server does meanwhile.
//
// Every message carries all that was typed, so messages may overtake or replace each other; it is sent again until it
// is confirmed.

import { AGAIN, isLeaving, unsent } from "./held.js";

const PAUSE = 150;
const grids = (globalThis.__labelloopFields ??= new Map());

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".fields");
  const grid = grids.get(data.id) ?? begin(data.id);
  grid.send = (value) => setStateValue("fields", value);
  if (grid.root !== root) {
    grid.root = root;
    grid.drawn = "";
    unsent.set(`fields:${data.id}`, { isPending: () => grid.isPending && grid.root.isConnected, send: () => flush(grid) });
  }
  letGo(grid, data);
  draw(grid, data);
  settle(grid, data);
  return () => {
    if (!root.isConnected) flush(grid);
  };
}

function begin(id) {
  // `open` is the number that is being typed: it is nobody's yet, and half a number is another number.
  const grid = { id, typed: {}, open: null, seq: 0, isPending: false, timer: null, root: null, drawn: "" };
  grids.set(id, grid);
  return grid;
}

function settle(grid, data) {
  grid.isPending = grid.seq > data.confirmed;
  if (grid.isPending) return grid.timer ?? later(grid, PAUSE);
  clearTimeout(grid.timer);
  grid.timer = null;
}

// A number that was handed over is the server's, which may write it otherwise or refuse it.
function letGo(grid, data) {
  if (grid.seq > data.confirmed) return;
  const numbers = data.columns.filter((column) => column.is_number).map((column) => column.name);
  for (const [row, fields] of Object.entries(grid.typed))
    for (const name of numbers) if (!isOpen(grid, row, name)) delete fields[name];
}

const isOpen = (grid, row, name) => grid.open?.row === row && grid.open?.name === name;

// All that was typed, but for the number that is being typed.
function handedOver(grid) {
  const whole = Object.entries(grid.typed).map(([row, fields]) => [
    row,
    Object.fromEntries(Object.entries(fields).filter(([name]) => !isOpen(grid, row, name))),
  ]);
  return Object.fromEntries(whole);
}

function later(grid, pause) {
  clearTimeout(grid.timer);
  grid.timer = setTimeout(() => flush(grid), pause);
}

function flush(grid) {
  clearTimeout(grid.timer);
  grid.timer = null;
  if (!grid.isPending) return;
  grid.timer = setTimeout(() => flush(grid), AGAIN);
  if (!isLeaving()) grid.send({ seq: grid.seq, typed: handedOver(grid) });
}

// What the rows say by themselves is drawn anew where it changed, but for what somebody has typed.
function draw(grid, data) {
  const shape = JSON.stringify([data.columns, data.rows.map((row) => row.id)]);
  if (grid.drawn === shape) return refresh(grid, data);
  grid.drawn = shape;
  const body = make("div", "body");
  body.setAttribute("role", "table");
  body.setAttribute("aria-label", data.title);
  body.style.setProperty("--columns", data.columns.map((column) => `minmax(0, ${column.width})`).join(" "));
  body.append(head(data.columns), ...data.rows.map((row) => line(grid, data.columns, row)));
  const { open } = grid;
  grid.root.replaceChildren(body);
  grid.open = open; // to be taken away is not to be left
  goOn(grid);
}

// The number that is being typed is typed on in the field that stands in its place, unless somebody is elsewhere by now.
function goOn(grid) {
  if (!grid.open) return;
  const field = [...grid.root.querySelectorAll("input")].find((one) => isOpen(grid, one.dataset.row, one.dataset.name));
  if (!field || document.activeElement !== document.body) return leave(grid);
  field.focus({ preventScroll: true });
  field.setSelectionRange(field.value.length, field.value.length);
}

function refresh(grid, data) {
  const lines = grid.root.querySelectorAll(".line:not(.head)");
  data.rows.forEach((row, place) => {
    data.columns.forEach((column, at) => {
      const cell = lines[place].children[at];
      const said = row.cells[column.name] ?? "";
      if (!column.is_typed) say(cell, said);
      else if (grid.typed[row.id]?.[column.name] === undefined && cell.value !== said) cell.value = said;
    });
  });
}

function head(columns) {
  const element = make("div", "line head");
  element.setAttribute("role", "row");
  for (const column of columns) {
    const cell = make("span", column.is_number ? "cell number" : "cell");
    cell.setAttribute("role", "columnheader");
    cell.textContent = column.title;
    if (column.help) cell.title = column.help;
    element.append(cell);
  }
  return element;
}

function line(grid, columns, row) {
  const element = make("div", "line");
  element.setAttribute("role", "row");
  for (const column of columns) element.append(column.is_typed ? input(grid, column, row) : said(column, row));
  return element;
}

function said(column, row) {
  const cell = make("span", column.is_number ? "cell number" : "cell");
  cell.setAttribute("role", "cell");
  say(cell, row.cells[column.name] ?? "");
  return cell;
}

function say(cell, text) {
  if (cell.textContent === text) return;
  cell.textContent = text;
  cell.title = text;
}

function input(grid, column, row) {
  const element = make("input", column.is_number ? "field number" : "field");
  element.setAttribute("aria-label", `${column.title} of ${row.title}`);
  element.autocomplete = "off";
  element.spellcheck = false;
  element.maxLength = 200;
  if (column.is_number) element.inputMode = "decimal";
  element.value = grid.typed[row.id]?.[column.name] ?? row.cells[column.name] ?? "";
  element.oninput = () => {
    (grid.typed[row.id] ??= {})[column.name] = element.value;
    if (column.is_number) {
      grid.open = { row: row.id, name: column.name };
      return;
    }
    changed(grid);
    later(grid, PAUSE);
  };
  Object.assign(element.dataset, { row: row.id, name: column.name });
  element.onchange = element.onblur = () => isLeft(element) && leave(grid);
  element.onkeydown = (event) => pressed(event, element);
  return element;
}

// Where another window comes to the front, the field is blurred too, but stays the one that is typed in.
const isLeft = (element) => element.isConnected && element.getRootNode().activeElement !== element;

// A number is whole once its field is left.
function leave(grid) {
  if (grid.open) {
    grid.open = null;
    changed(grid);
  }
  flush(grid);
}

function changed(grid) {
  grid.seq = Math.max(grid.seq + 1, Date.now());
  grid.isPending = true;
}

function pressed(event, element) {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = { Enter: event.shiftKey ? -1 : 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  event.stopPropagation();
  const place = [...element.parentElement.children].indexOf(element);
  const next = step > 0 ? element.parentElement.nextElementSibling : element.parentElement.previousElementSibling;
  const target = next?.children[place];
  if (target instanceof HTMLInputElement) target.focus();
  else if (event.key === "Enter") element.blur();
}

function make(tag, name) {
  const element = document.createElement(tag);
  element.className = name;
  return element;
}
