// What is read: the item's text and fields, huge ones piece by piece.

import { contentOf, partNode, referencesIn } from "../../words/parts.js";
import { directed, make } from "./dom.js";
import { keepLooks, listenToPicture } from "./looking.js";
import { asked, part } from "./sitting.js";

const SHOWN_AT_FIRST = 20000;
const FIELD_SHOWN_AT_FIRST = 500;
const PICTURES = /\.(?:png|jpe?g|webp|gif|avif|bmp|svg)$/;

export function showText(it, now) {
  const { widget } = asked(it);
  const text = part(it, "text");
  const putBack = it.drawn?.id === now.id ? (it.looks ?? keepLooks(it)) : () => {};
  it.looks = null;
  const own = now.parts.find((one) => one.name === "");
  text.hidden = now.parts.length > 0 && !own;
  text.toggleAttribute("data-long", now.text.length > 600);
  if (widget.read) widget.read(asked(it), text, now);
  else if (own && own.show !== "text") text.replaceChildren(contentOf(own, it.data.files[own.value], asText, it.data.files));
  else longText(text, now.text, SHOWN_AT_FIRST);
  part(it, "fields").replaceChildren(...(now.parts.length ? [] : shownFields(it, now)).flatMap(shownField));
  const at = now.parts.indexOf(own);
  const besides = now.parts.map((one, place) => [one, place]).filter(([one]) => one !== own && !isApart(it, one.name));
  part(it, "before").replaceChildren(...besides.filter(([, place]) => place < at).map(([one]) => shownPart(it, one)));
  part(it, "after").replaceChildren(...besides.filter(([, place]) => place > at).map(([one]) => shownPart(it, one)));
  putBack();
  for (const frame of part(it, "reading").querySelectorAll(".picture")) listenToPicture(frame);
  if (it.drawn?.id !== now.id) part(it, "reading").scrollTop = 0;
  fetchAhead(it);
}

// Whether a file of the item has come since it was drawn.
export function isAwaited(it, now) {
  return Boolean(part(it, "reading").querySelector(".awaited")) && now.parts.flatMap(referencesIn).some((one) => it.data.files[one]);
}

// A candidate as the layout shows it.
export function candidateNode(it, now, name, text) {
  const shown = now.parts.find((one) => one.name === name);
  return shown ? contentOf(shown, it.data.files[shown.value], asText, it.data.files) : asText(text);
}

// The pictures that come next are there when they are turned to.
function fetchAhead(it) {
  const next = it.data.rows.slice(it.at + 1, it.at + 4).flatMap((one) => one.parts.flatMap(referencesIn));
  const pictures = next.filter((one) => PICTURES.test(one));
  it.ahead = pictures.map((one) => it.data.files[one]).filter(Boolean).map((url) => Object.assign(new Image(), { src: url }));
}

function shownPart(it, one) {
  if (one.show === "text" && !one.folded) {
    const list = make("dl", "fields");
    list.append(...shownField([one.heading, one.value]));
    return list;
  }
  return partNode(one, it.data.files[one.value], asText, it.data.files);
}

function asText(value) {
  const shown = directed(make("div", "plain"));
  longText(shown, value, SHOWN_AT_FIRST);
  return shown;
}

function shownField([name, value]) {
  const shown = directed(make("dd"));
  longText(shown, value, FIELD_SHOWN_AT_FIRST);
  return [make("dt", "", name), shown];
}

const isApart = (it, name) => (asked(it).widget.apart?.(asked(it)) ?? []).includes(name);

function shownFields(it, now) {
  return now.fields.filter(([name]) => !isApart(it, name));
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

