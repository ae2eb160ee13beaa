// The screen, drawn from the sitting whenever something has changed. Drawing decides nothing.

import { make } from "./dom.js";
import { renderEnd } from "./end.js";
import { standing } from "./line.js";
import { renderHistory, renderOpinions } from "./opinions.js";
import { isAwaited, showText } from "./reading.js";
import {
  atEnd, differs, edited, isShown, moreLeft, ownOf, part, position, prefilled, present, row,
} from "./sitting.js";

const PACE_WINDOW = 20;
const MEASURED_ENOUGH = 3;

export function say(it, words, value = null, aside = "") {
  it.told = [words, value, aside];
}

export function render(it) {
  if (!isShown(it)) return;
  const end = atEnd(it);
  it.root.toggleAttribute("data-end", end);
  it.root.toggleAttribute("data-blind", it.blind);
  it.root.setAttribute("aria-busy", String(it.asking));
  part(it, "end").hidden = !end;
  if (end) renderEnd(it);
  else renderRow(it);
  it.seen = end ? null : row(it).id;
  renderSaid(it);
  renderStanding(it);
  renderProgress(it);
  renderHints(it);
}

function renderRow(it) {
  const now = row(it);
  const isNew = it.drawn?.id !== now.id;
  if (isNew || isAwaited(it, now)) {
    showText(it, now);
    it.since = it.seen === now.id ? it.since : performance.now();
  }
  if (isNew || it.drawn.blind !== it.blind || it.drawn.row !== now) {
    renderOpinions(it, now);
    renderHistory(it, now);
  }
  it.drawn = { id: now.id, row: now, blind: it.blind };
  const { note, flag } = ownOf(it, now.id);
  const value = present(it);
  const written = it.note?.id === now.id ? it.note.text : note;
  if (part(it, "note").value !== written) part(it, "note").value = written;
  part(it, "note").title = written;
  const button = part(it, "flag");
  button.setAttribute("aria-pressed", String(flag));
  button.replaceChildren(make("kbd", "", "F"), flag ? " flagged" : " flag");
  part(it, "mine").replaceChildren(value === null ? make("span", "none", "–") : it.widget.describe(it, value));
  it.widget.show(it);
}

function renderSaid(it) {
  const [words, value, aside] = it.told;
  const parts = [make("span", "", words)];
  if (value !== null) parts.push(it.widget.describe(it, value));
  if (aside) parts.push(make("span", "aside", aside));
  part(it, "said").replaceChildren(...(words ? parts : []));
}

export function renderStanding(it) {
  if (!isShown(it)) return;
  const words = standing();
  if (part(it, "standing").textContent !== words) part(it, "standing").textContent = words;
  part(it, "standing").title = words && "Kept in this browser, and stored as soon as the server answers";
}

function secondsEach(it) {
  if (it.timed.length < MEASURED_ENOUGH) return it.data.pace;
  // The middle one: a coffee break is not the pace.
  const recent = it.timed.slice(-PACE_WINDOW).sort((a, b) => a - b);
  return recent[Math.floor(recent.length / 2)];
}

function renderProgress(it) {
  const { before, total, reviewed } = it.data;
  const passed = before + position(it);
  const number = Math.min(passed + (atEnd(it) ? 0 : 1), total);
  const parts = [`${number.toLocaleString("en")} of ${total.toLocaleString("en")}`];
  if (reviewed) parts.push(`${reviewed.toLocaleString("en")} reviewed before`);
  const each = secondsEach(it);
  if (each !== null && total > passed) {
    parts.push(`${each.toFixed(1)} s each`, timeLeft((total - passed) * each));
  }
  part(it, "count").textContent = parts.join(" · ");
  part(it, "bar").firstElementChild.style.width = `${total ? (100 * passed) / total : 0}%`;
  const [words, value] = it.told;
  const told = [words, it.widget.words(it, value)].filter(Boolean).join(" ");
  const spoken = atEnd(it) ? "End of the batch" : `Item ${number} of ${total}`;
  part(it, "live").textContent = [told, spoken].filter(Boolean).join(". ");
}

function timeLeft(seconds) {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return "less than 1 min left";
  return minutes < 90 ? `about ${minutes} min left` : `about ${(minutes / 60).toFixed(1)} h left`;
}

export function buildHints(it) {
  it.hints = it.data.commands.filter((one) => one.word).map(({ act, glyph, word }) => {
    const hint = make("button", "hint");
    hint.type = "button";
    hint.dataset.act = act;
    hint.append(make("kbd", "", glyph), " ", make("span", "", word), " ", make("b"));
    return hint;
  });
  const resting = make("button", "resting", "Click here or press Esc to label");
  resting.type = "button";
  part(it, "hints").replaceChildren(resting, ...it.hints);
}

function renderHints(it) {
  const value = atEnd(it) ? null : prefilled(it);
  for (const hint of it.hints) {
    const name = hint.dataset.act;
    hint.hidden = !hintApplies(it, name, value);
    if (name === "accept") hint.querySelector("span").textContent = acceptWord(it);
    if (name === "accept") hint.querySelector("b").textContent = it.widget.words(it, value);
    if (name === "blind") hint.setAttribute("aria-pressed", String(it.blind));
  }
}

function acceptWord(it) {
  if (differs(it)) return "they differ: choose";
  if (atEnd(it)) return "accept";
  if (edited(it, row(it).id) !== undefined) return "complete";
  return present(it) === null ? "accept" : "keep";
}

function hintApplies(it, name, value) {
  if (name === "accept") return value !== null || differs(it);
  if (it.data.commands.some((one) => one.act === name && one.optional)) return it.widget.hints(it).includes(name) && !atEnd(it);
  if (name === "back") return it.data.rows.length > 0;
  return !atEnd(it) || ["undo", "guidelines", "keys"].includes(name);
}
