// A table of plain fields, which hold what is typed whatever the server does meanwhile.
//
// What was typed and is not confirmed is sent again; a session that knows nothing of it is told all of it.

import { fieldOf, headingOf, lineOf, make, stepTaken, tableOf } from "./cells.js";
import { attach, confirm, createOutbox, flush, number, schedule } from "./outbox.js";

const PAUSE = 150;
const grids = (globalThis.__labelloopFields ??= new Map());

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".fields");
  const grid = grids.get(data.id) ?? begin(data.id);
  const { outbox } = grid;
  if (attach(outbox, `fields:${data.id}`, root, (value) => setStateValue("fields", value))) grid.drawn = "";
  letGo(grid, data);
  draw(grid, data);
  settleUpTo(outbox, data.confirmed);
  return () => {
    if (!root.isConnected) flush(outbox);
  };
}

function begin(id) {
  // `open` is the number that is being typed: it is nobody's yet, and half a number is another number.
  const grid = { typed: {}, open: null, drawn: "" };
  grid.outbox = createOutbox(PAUSE, () => ({ typed: handedOver(grid) }));
  grids.set(id, grid);
  return grid;
}

function settleUpTo(outbox, confirmed) {
  if (confirm(outbox, confirmed) || outbox.seq <= confirmed) return;
  outbox.isPending = true;
  if (!outbox.timer) schedule(outbox);
}

// A number that was handed over is the server's, which may write it otherwise or refuse it.
function letGo(grid, data) {
  if (grid.outbox.seq > data.confirmed) return;
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

// What the rows say by themselves is drawn anew where it changed, but for what somebody has typed.
function draw(grid, data) {
  const shape = JSON.stringify([data.columns, data.rows.map((row) => row.id)]);
  if (grid.drawn === shape) return refresh(grid, data);
  grid.drawn = shape;
  const body = tableOf(data.title, head(data.columns), ...data.rows.map((row) => line(grid, data.columns, row)));
  body.style.setProperty("--columns", data.columns.map((column) => `minmax(0, ${column.width})`).join(" "));
  const { open } = grid;
  grid.outbox.root.replaceChildren(body);
  grid.open = open; // to be taken away is not to be left
  goOn(grid);
}

// The number that is being typed is typed on in the field that stands in its place, unless somebody is elsewhere by now.
function goOn(grid) {
  if (!grid.open) return;
  const field = [...grid.outbox.root.querySelectorAll("input")].find((one) => isOpen(grid, one.dataset.row, one.dataset.name));
  if (!field || document.activeElement !== document.body) return leave(grid);
  field.focus({ preventScroll: true });
  field.setSelectionRange(field.value.length, field.value.length);
}

function refresh(grid, data) {
  const lines = grid.outbox.root.querySelectorAll(".line:not(.head)");
  data.rows.forEach((row, place) => {
    data.columns.forEach((column, at) => {
      const cell = lines[place].children[at];
      const said = row.cells[column.name] ?? "";
      if (!column.is_typed) say(cell, said);
      else if (grid.typed[row.id]?.[column.name] === undefined && cell.value !== said) cell.value = said;
    });
  });
}

const classOf = (column) => (column.is_number ? "cell number" : "cell");

function head(columns) {
  return lineOf("head", ...columns.map((column) => headingOf(column.title, classOf(column), column.help)));
}

function line(grid, columns, row) {
  return lineOf("", ...columns.map((column) => (column.is_typed ? input(grid, column, row) : said(column, row))));
}

function said(column, row) {
  const cell = make("span", classOf(column));
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
  const element = fieldOf(column.is_number ? "number" : "", `${column.title} of ${row.title}`);
  element.maxLength = 200;
  if (column.is_number) element.inputMode = "decimal";
  element.value = grid.typed[row.id]?.[column.name] ?? row.cells[column.name] ?? "";
  element.oninput = () => {
    (grid.typed[row.id] ??= {})[column.name] = element.value;
    if (column.is_number) {
      grid.open = { row: row.id, name: column.name };
      return;
    }
    number(grid.outbox);
    schedule(grid.outbox);
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
    number(grid.outbox);
  }
  flush(grid.outbox);
}

function pressed(event, element) {
  const step = stepTaken(event);
  if (!step) return;
  const place = [...element.parentElement.children].indexOf(element);
  const next = step > 0 ? element.parentElement.nextElementSibling : element.parentElement.previousElementSibling;
  const target = next?.children[place];
  if (target instanceof HTMLInputElement) target.focus();
  else if (event.key === "Enter") element.blur();
}
