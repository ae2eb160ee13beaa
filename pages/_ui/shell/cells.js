// Tables of plain fields: what they are made of, and the keys that lead from one field to the next.

export function make(tag, name = "", text = "") {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text) element.textContent = text;
  return element;
}

export function tableOf(title, ...lines) {
  const body = make("div", "body");
  body.setAttribute("role", "table");
  body.setAttribute("aria-label", title);
  body.append(...lines);
  return body;
}

export function lineOf(name, ...cells) {
  const line = make("div", `line ${name}`.trim());
  line.setAttribute("role", "row");
  line.append(...cells);
  return line;
}

export function headingOf(title, name = "cell", help = "") {
  const cell = make("span", name, title);
  cell.setAttribute("role", "columnheader");
  if (help) cell.title = help;
  return cell;
}

// A `textarea` grows with what is typed; it takes no line break all the same, since Enter leads on.
export function fieldOf(name, title, tag = "input") {
  const element = make(tag, `field ${name}`.trim());
  if (tag === "textarea") element.rows = 1;
  element.setAttribute("aria-label", title);
  element.autocomplete = "off";
  element.spellcheck = false;
  return element;
}

// How many lines a key leads on, down or up; 0 for any other key.
export function stepOf({ key, shiftKey }) {
  return { Enter: shiftKey ? -1 : 1, ArrowDown: 1, ArrowUp: -1 }[key] ?? 0;
}

// The same of a key that is pressed in a field; it is then nobody else's.
export function stepTaken(event) {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return 0;
  const step = stepOf(event);
  if (step) {
    event.preventDefault();
    event.stopPropagation();
  }
  return step;
}
