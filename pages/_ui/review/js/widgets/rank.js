// The widget for a ranking: the candidates under numbers, in an order drawn for each item, and the places they are given,
// by keys or by dragging. Its value is groups of ids, the best first. Neither names nor colours tell who wrote what.

import { directed, make } from "../dom.js";
import { candidateNode } from "../reading.js";
import { atEnd, edited, part, prefilled, row } from "../sitting.js";
import { labelOf, valuesByIds } from "./by_ids.js";
import { drawn, flat, placedBefore, put, shifted, tidied, tie, tiedWith, without } from "./ranking.js";

const orderByIds = valuesByIds(flat, (value, now) => tidied(value.map((group) => [...new Set(group.map(now))])));
const toldOf = new WeakMap(); // Of a value, the item whose numbers it is told by, also once another item is in view.

export const rankWidget = {
  ...orderByIds,
  told: "Ranked",
  edits: true,
  apart: (it) => it.options.candidates,
  field: (it) => part(it, "filter"),
  typed: () => null,
  away: () => null,
  mount(it) {
    it.root.removeAttribute("data-many");
    part(it, "filter").hidden = true;
    part(it, "choices").removeAttribute("data-scale");
    part(it, "choices").replaceChildren();
    it.buttons = [];
  },
  read(it, node, now) {
    const all = make("div", "candidates");
    for (const [place, { name, text }] of shownIn(it, now).entries()) {
      const one = make("div", "candidate");
      one.title = name;
      one.append(make("h4", "", String(place + 1)), candidateNode(it, now, name, text));
      all.append(one);
    }
    const asked = make("div", "asked");
    asked.append(candidateNode(it, now, "", now.text));
    node.replaceChildren(asked, all);
  },
  show(it) {
    const value = prefilled(it) ?? [];
    const isOffered = value.length > 0 && value === row(it).suggestion;
    const places = value.map((group, place) => placeBox(it, group, place, isOffered));
    const left = candidatesIn(it).filter(({ id }) => !flat(value).includes(id));
    const rest = make("div", "unranked");
    rest.append(...left.map(({ id, number }) => token(it, id, number)));
    if (isUnable(it, value)) rest.replaceChildren();
    const unable = make("button", "choice unable");
    unable.type = "button";
    unable.append(make("kbd", "", "0"), directed(make("span", "", fallback(it)?.name ?? "")));
    unable.setAttribute("aria-pressed", String(isUnable(it, value)));
    const strip = make("div", "ranking");
    strip.append(...(isUnable(it, value) ? [] : places), dropzone(it, value.length), rest);
    part(it, "choices").replaceChildren(strip, ...(fallback(it) ? [unable] : []));
  },
  key(it, event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return undefined;
    if (event.key === "0" && fallback(it)) return { value: kept(it, [[fallback(it).id]]) };
    if (event.key === "=") return stepTo(it, tie(startOf(it), inHand(it)));
    if (event.key === "Backspace" && inHand(it) !== undefined) return stepTo(it, without(startOf(it), inHand(it)));
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (step) return stepTo(it, shifted(startOf(it), inHand(it), step), inHand(it));
    return this.digit(it, event);
  },
  // On layouts where digits need Shift, the digit itself is what is meant.
  digit(it, event) {
    const written = /^[1-9]$/.test(event.key) && event.key;
    const number = Number(written || /^Digit([1-9])$/.exec(event.code ?? "")?.[1]);
    const found = candidatesIn(it).find((one) => one.number === number);
    return found && stepTo(it, put(afresh(it), found.id, !written && event.shiftKey), found.id);
  },
  clicked(it, button) {
    if (button.classList.contains("unable")) return { value: kept(it, [[fallback(it).id]]) };
    if (!button.dataset.candidate) return undefined;
    return stepTo(it, put(afresh(it), Number(button.dataset.candidate)), Number(button.dataset.candidate));
  },
  command(it, act) {
    return this.key(it, { key: act === "tie" ? "=" : "Backspace" }) ?? {};
  },
  own: (it, word, mine) => kept(it, orderByIds.own(it, word, mine)),
  meant: (it, value) => kept(it, orderByIds.meant(it, value)),
  describe(it, value) {
    const line = make("span", "order");
    if (isUnable(it, value)) line.append(directed(make("span", "nothing", fallback(it).name)));
    else line.textContent = wordsOf(it, value);
    return line;
  },
  words: (it, value) => (value === null ? "" : isUnable(it, value) ? fallback(it).name : wordsOf(it, value)),
  refuses(it, value) {
    const left = candidatesIn(it).filter(({ id }) => !flat(value).includes(id)).length;
    return !left || isUnable(it, value) ? "" : `Rank all candidates: ${left} left`;
  },
  hints: () => ["tie", "unrank"],
};

const fallback = (it) => it.choices.find((one) => one.is_fallback && !one.removed);
const isUnable = (it, value) => value?.length === 1 && value[0].length === 1 && value[0][0] === fallback(it)?.id;

function kept(it, value) {
  if (value && row(it) && !toldOf.has(value)) toldOf.set(value, row(it));
  return value;
}

// The candidates of an item that are there, as they are numbered.
function shownIn(it, now) {
  const texts = new Map(now.fields);
  const there = it.options.candidates.filter((name) => (texts.get(name) ?? "").trim());
  return drawn(now.id, there).map((name) => ({ name, text: texts.get(name) }));
}

function candidatesIn(it, now = row(it)) {
  if (!now) return [];
  return shownIn(it, now).flatMap(({ name }, place) => {
    const id = it.byName.get(name)?.id;
    return id === undefined ? [] : [{ id, number: place + 1 }];
  });
}

function wordsOf(it, value) {
  const numbers = new Map(candidatesIn(it, toldOf.get(value) ?? row(it)).map(({ id, number }) => [id, number]));
  const called = (id) => numbers.get(id) ?? labelOf(it, id).name;
  return value.map((group) => group.map(called).sort().join(" = ")).join(" > ");
}

// What a step begins with: what is being put together, or else what is said or suggested.
const startOf = (it) => (atEnd(it) ? [] : prefilled(it) ?? []);
// A digit begins anew where nothing is being put together.
const afresh = (it) => (atEnd(it) ? [] : edited(it) ?? []);

function inHand(it) {
  const value = startOf(it);
  const isThere = it.hand?.item === row(it).id && flat(value).includes(it.hand.id);
  return isThere ? it.hand.id : value.at(-1)?.at(-1);
}

function stepTo(it, value, id) {
  it.hand = { item: row(it).id, id: id ?? inHand(it) };
  return { edit: kept(it, value) };
}

// ---------------------------------------------------------------- the places, and dragging

function token(it, id, number) {
  const one = make("button", "token", String(number));
  one.type = "button";
  one.draggable = true;
  one.dataset.candidate = id;
  one.toggleAttribute("data-inhand", edited(it) !== undefined && inHand(it) === id);
  one.ondragstart = (event) => {
    event.dataTransfer.setData("text/plain", String(id));
    event.dataTransfer.effectAllowed = "move";
    it.dragged = id;
  };
  one.ondragend = () => (it.dragged = undefined);
  return one;
}

function placeBox(it, group, place, isOffered) {
  const box = make("div", "placed");
  const shared = make("div", "place");
  shared.toggleAttribute("data-suggested", isOffered);
  shared.append(make("small", "", ordinal(place + 1)));
  const numbers = new Map(candidatesIn(it).map(({ id, number }) => [id, number]));
  for (const id of group.toSorted((a, b) => (numbers.get(a) ?? 0) - (numbers.get(b) ?? 0))) {
    shared.append(token(it, id, numbers.get(id) ?? labelOf(it, id).name));
  }
  onDrop(it, shared, (value, id) => tiedWith(value, id, group.find((one) => one !== id) ?? id));
  box.append(dropzone(it, place), shared);
  return box;
}

function dropzone(it, place) {
  const zone = make("div", "between");
  onDrop(it, zone, (value, id) => placedBefore(value, id, place));
  return zone;
}

function onDrop(it, node, placed) {
  node.ondragover = (event) => {
    if (it.dragged === undefined) return;
    event.preventDefault();
    node.toggleAttribute("data-over", true);
  };
  node.ondragleave = () => node.removeAttribute("data-over");
  node.ondrop = (event) => {
    event.preventDefault();
    node.removeAttribute("data-over");
    const id = it.dragged;
    it.dragged = undefined;
    if (id !== undefined) it.heed(stepTo(it, placed(startOf(it), id), id));
  };
}

const ordinal = (number) => `${number}${{ 1: "st", 2: "nd", 3: "rd" }[number] ?? "th"}`;
