// What is read: the item's text and fields, huge ones piece by piece.

import { directed, make } from "./dom.js";
import { part } from "./sitting.js";

const SHOWN_AT_FIRST = 20000;
const FIELD_SHOWN_AT_FIRST = 500;

export function showText(it, now) {
  const text = part(it, "text");
  text.toggleAttribute("data-long", now.text.length > 600);
  if (it.widget.read) it.widget.read(it, text, now);
  else longText(text, now.text, SHOWN_AT_FIRST);
  part(it, "fields").replaceChildren(...shownFields(it, now).flatMap(([name, value]) => {
    const shown = directed(make("dd"));
    longText(shown, value, FIELD_SHOWN_AT_FIRST);
    return [make("dt", "", name), shown];
  }));
  part(it, "reading").scrollTop = 0;
}

function shownFields(it, now) {
  const apart = it.widget.apart?.(it) ?? [];
  return now.fields.filter(([name]) => !apart.includes(name));
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
export function pieces(text) {
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

