// A table to read. All text is set as text; see table.py for what the data are.

import { breakable } from "./joints.js";

const make = (parent, tag, name = "", text = "") => {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text) node.textContent = text;
  parent.append(node);
  return node;
};

/** Where a value stands on the axis, in per cent of its length. */
const place = ([low, high], value) => `${(100 * (Math.min(high, Math.max(low, value)) - low)) / (high - low)}%`;

const strip = (parent, dots, axis) => {
  const node = make(parent, "div", "strip");
  const each = dots.length > 2 ? 5 : dots.length > 1 ? 7 : 12;
  node.style.height = `${Math.max(12, each * dots.length)}px`;
  for (const at of [0, 0.5, 1]) make(node, "div", "rule").style.left = place(axis, at);
  dots.forEach((one, row) => {
    const top = `${((row + 0.5) * 100) / dots.length}%`;
    if (one.low !== null && one.high !== null) {
      const line = make(node, "div", "line");
      line.style.left = place(axis, one.low);
      line.style.right = `calc(100% - ${place(axis, one.high)})`;
      line.style.top = top;
      line.style.background = one.color;
      line.title = one.title;
    }
    const dot = make(node, "div", dots.length > 2 ? "dot fine" : "dot");
    dot.style.left = place(axis, one.at);
    dot.style.top = top;
    dot.style.background = one.color;
    dot.title = one.title;
  });
};

const layout = (column) => (column.beside ? "figure beside" : "figure");

const ticks = (parent, column) => {
  const { axis } = column;
  const around = make(parent, "div", layout(column));
  const node = make(around, "div", "ticks");
  if (column.beside) make(around, "div", "room"); // as much as the numbers below take
  for (const at of [0, 0.5, 1]) {
    const tick = make(node, "span", "", at === 0.5 ? ".5" : String(at));
    tick.style.left = place(axis, at);
  }
};

const heading = (row, column) => {
  const cell = make(row, "th", column.right ? "right" : "");
  cell.scope = "col";
  cell.style.width = column.width;
  cell.style.minWidth = column.least;
  const title = make(cell, "div", column.about ? "title told" : "title", column.title);
  if (column.about) title.title = column.about;
  if (column.legend.length) {
    const legend = make(cell, "div", "legend");
    for (const [name, color] of column.legend) {
      const one = make(legend, "span", "one");
      make(one, "span", "before").style.background = color;
      make(one, "span", "", name);
      one.title = name;
    }
  }
  if (column.axis) ticks(cell, column);
};

const fill = (node, cell, column) => {
  if (cell.title) node.title = cell.title;
  const inner = make(node, "div", column.axis ? layout(column) : "said");
  if (cell.dots && column.axis) strip(inner, cell.dots, column.axis);
  if (!cell.text && !cell.faint && !cell.note) return;
  const words = make(inner, "div", cell.color ? "words dotted" : "words");
  if (cell.color) make(words, "span", "before").style.background = cell.color;
  const isName = cell.chip || cell.color;
  const text = make(words, "span", cell.chip ? "chip" : "text", isName ? "" : cell.text ?? "");
  if (isName) breakable(text, cell.text);
  if (cell.chip) {
    text.style.background = cell.chip;
    text.style.color = cell.ink;
  }
  if (cell.faint) make(words, "span", "faint", ` ${cell.faint}`);
  if (cell.note) make(words, "span", "note", ` ${cell.note}`);
};

const tables = new WeakMap();

export default function ({ parentElement, data, setStateValue }) {
  const around = parentElement.querySelector(".around");
  const table = tables.get(around) ?? { drawn: "", open: "" };
  tables.set(around, table);
  // A state and no trigger: of those that come while the page is drawn all but the first would be lost.
  table.choose = (id) => setStateValue("chosen", { id, at: Date.now() });
  const shape = JSON.stringify([data.headings, data.rows, data.ids, data.tall]);
  if (table.drawn !== shape) draw(around, data, table);
  table.drawn = shape;
  mark(around, table, data.open);
}

function draw(around, data, table) {
  const at = around.scrollTop;
  const held = around.getRootNode().activeElement?.dataset.id;
  around.replaceChildren();
  around.style.maxHeight = data.tall ? `${data.tall}px` : "none";
  around.tabIndex = data.tall && !data.ids.length ? 0 : -1;
  const grid = make(around, "table", data.ids.length ? "opens" : "");
  const head = make(make(grid, "thead"), "tr");
  for (const column of data.headings) heading(head, column);
  const body = make(grid, "tbody");
  data.rows.forEach((row, number) => {
    const line = make(body, "tr");
    row.forEach((cell, place) => {
      const column = data.headings[place];
      const node = make(line, place ? "td" : "th", column.right ? "right" : "");
      if (!place) node.scope = "row";
      fill(node, cell, column);
    });
    if (data.ids.length) opens(around, table, line, data.ids[number]);
  });
  around.scrollTop = at;
  if (held) body.querySelector(`[data-id="${held}"]`)?.focus({ preventScroll: true });
  table.open = "";
}

function opens(around, table, line, id) {
  line.dataset.id = id;
  const choose = (one) => {
    mark(around, table, [Number(one.dataset.id)]);
    one.focus({ preventScroll: true });
    table.choose(Number(one.dataset.id));
  };
  line.onclick = () => getSelection()?.isCollapsed !== false && choose(line);
  line.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const to = { ArrowDown: line.nextSibling, ArrowUp: line.previousSibling, Enter: line, " ": line }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (to) choose(to);
  };
}

// Which rows are open; the first of them comes into view whenever that changes, and the Tab key leads to it.
function mark(around, table, open) {
  const lines = [...around.querySelectorAll("tr[data-id]")];
  const isOpen = (line) => open.includes(Number(line.dataset.id));
  const first = lines.find(isOpen);
  for (const line of lines) {
    line.setAttribute("aria-selected", String(isOpen(line)));
    line.tabIndex = line === (first ?? lines[0]) ? 0 : -1;
  }
  if (first && table.open !== String(open)) bring(around, first);
  table.open = String(open);
}

function bring(around, line) {
  const above = line.offsetTop - around.querySelector("thead").offsetHeight;
  const below = line.offsetTop + line.offsetHeight - around.clientHeight;
  if (around.scrollTop > above) around.scrollTop = above;
  else if (around.scrollTop < below) around.scrollTop = below;
}
