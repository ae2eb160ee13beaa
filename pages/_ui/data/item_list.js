// The items, one a line, as wide as the page: whole lines of text, what each annotator says, and the chosen item open
// below its line. The open one is asked of the server; everything is written as text.

import { headingOf, lineOf, make, stepOf, tableOf } from "../shell/cells.js";
import { breakable } from "../words/joints.js";
import { partNode } from "../words/parts.js";

const FEW = 3; // columns of annotators where there is little room
const lists = new WeakMap();

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".list");
  const list = lists.get(root) ?? { drawn: "", open: 0 };
  lists.set(root, list);
  list.choose = (id) => {
    list.open = id;
    setStateValue("open", id);
    show(list, root, null);
  };
  const shape = JSON.stringify([data.id, data.columns, data.rows]);
  if (list.drawn !== shape) {
    Object.assign(list, { drawn: shape, open: data.open });
    draw(list, root, data);
  }
  show(list, root, data.detail);
}

function draw(list, root, data) {
  const head = lineOf("head", ...["Text", "Split", ...data.columns].map((title) => headingOf(title, "cell", title)));
  const body = tableOf("Items", head, ...data.rows.map((row) => line(list, data, row)));
  body.classList.toggle("bare", !data.columns.length);
  body.style.setProperty("--columns", String(data.columns.length));
  body.style.setProperty("--chip", data.columns.length > 2 ? "8rem" : "12rem");
  body.style.setProperty("--few", String(Math.min(data.columns.length, FEW)));
  body.addEventListener("keydown", (event) => pressed(event, list));
  root.replaceChildren(body);
  root.querySelector(".line:not(.head)")?.setAttribute("tabindex", "0");
}

function line(list, data, row) {
  const said = row.said.map((label) => {
    const box = cell("cell");
    if (label) box.append(chip(label, data.labels[label]));
    return box;
  });
  const text = cell("cell text", row.text);
  if (row.small) text.prepend(Object.assign(make("img", "small"), { src: row.small, alt: "" }));
  const one = lineOf("", text, cell("cell split", row.split), ...said);
  one.tabIndex = -1;
  one.dataset.item = row.id;
  one.setAttribute("aria-expanded", "false");
  one.onclick = () => getSelection()?.isCollapsed !== false && toggle(list, one);
  return one;
}

function cell(name, text = "") {
  const box = make("span", name, text);
  box.setAttribute("role", "cell");
  return box;
}

function chip(label, colors) {
  const one = breakable(make("span", "chip"), label);
  one.title = label;
  if (colors) [one.style.background, one.style.color] = colors;
  return one;
}

const idOf = (one) => Number(one.dataset.item);

function toggle(list, one) {
  list.choose(idOf(one) === list.open ? 0 : idOf(one));
}

// What is open: at once that it is, with its text once the server has told it.
function show(list, root, detail) {
  const present = root.querySelector(".detail");
  const isThere = present && Number(present.dataset.item) === list.open && !detail;
  if (!isThere) present?.remove();
  for (const one of root.querySelectorAll(".line:not(.head)")) {
    const isOpen = idOf(one) === list.open;
    one.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen || detail?.id !== list.open) continue;
    const box = opened(detail);
    one.after(box);
    if (list.seen !== list.open) box.scrollIntoView({ block: "nearest" });
    list.seen = list.open;
  }
}

function opened(detail) {
  const box = make("div", "detail");
  box.dataset.item = detail.id;
  const left = make("div");
  const whole = (value) => make("div", "whole", value);
  const parts = detail.parts.map((part) => partNode(part, part.url, whole));
  left.append(...(parts.length ? parts : [whole(detail.text)]), make("div", "about", detail.about));
  const fields = make("dl");
  for (const [name, value] of detail.fields) fields.append(make("dt", "", name), make("dd", "", value));
  box.append(left, opinions(detail), fields);
  return box;
}

function opinions(detail) {
  if (!detail.said.length) return make("div", "none", "Nobody has labelled this item.");
  const box = make("div", "said");
  for (const one of detail.said) {
    const who = make("span", "who");
    const dot = make("span", "dot");
    if (one.who_color) dot.style.background = one.who_color;
    who.append(dot, make("span", "", one.who));
    box.append(who, chip(one.label, one.colors));
  }
  return box;
}

function pressed(event, list) {
  const one = event.target.closest?.(".line:not(.head)");
  if (!one || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" || event.key === " ") toggle(list, one);
  else if (event.key === "Escape" && list.open) list.choose(0);
  else if (event.key.startsWith("Arrow") && stepOf(event)) go(one, stepOf(event));
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function go(one, step) {
  const lines = [...one.parentElement.querySelectorAll(".line:not(.head)")];
  const next = lines[lines.indexOf(one) + step];
  if (!next) return;
  one.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}
