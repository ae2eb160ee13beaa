// The screen, drawn from the sitting whenever something has changed. Drawing decides nothing.

import { make } from "./dom.js";
import { renderEnd } from "./end.js";
import { standing } from "./line.js";
import { renderHistory, renderOpinions } from "./opinions.js";
import { isAwaited, showText } from "./reading.js";
import { paceOf, secondsLeft } from "./pace.js";
import { mountQuestion, renderQuestions } from "./questions.js";
import {
  asked, atEnd, differs, edited, isOpen, isShown, markOf, ofItem, part, position, prefilled, present, row,
} from "./sitting.js";

// `given` is a value with its question.
export function say(it, words, given = null, aside = "") {
  it.told = [words, given, aside];
}

export function render(it) {
  if (!isShown(it)) return;
  const end = atEnd(it);
  if (mountQuestion(it)) buildHints(it);
  it.root.toggleAttribute("data-end", end);
  it.root.toggleAttribute("data-blind", it.blind);
  it.root.setAttribute("aria-busy", String(it.asking));
  part(it, "end").hidden = !end;
  if (end) renderEnd(it);
  else renderRow(it);
  it.seen = end ? null : row(it).step;
  renderQuestions(it);
  renderSaid(it);
  renderStanding(it);
  renderProgress(it);
  renderHints(it);
}

function renderRow(it) {
  const now = row(it);
  const isNew = it.drawn?.step !== now.step;
  if (isNew || isAwaited(it, now)) {
    showText(it, now);
    it.since = it.seen === now.step ? it.since : performance.now();
  }
  if (isNew || it.drawn.blind !== it.blind || it.drawn.row !== now) {
    renderOpinions(it, now);
    renderHistory(it, now);
  }
  it.drawn = { id: now.id, step: now.step, row: now, blind: it.blind };
  const { note, flag } = markOf(it, now.step);
  const value = present(it);
  const question = asked(it);
  const written = it.note?.step === now.step ? it.note.text : note;
  if (part(it, "note").value !== written) part(it, "note").value = written;
  part(it, "note").title = written;
  const button = part(it, "flag");
  button.setAttribute("aria-pressed", String(flag));
  button.replaceChildren(make("kbd", "", "F"), flag ? " flagged" : " flag");
  part(it, "mine").replaceChildren(value === null ? make("span", "none", "–") : question.widget.describe(question, value));
  question.widget.show(question);
}

function renderSaid(it) {
  const [words, given, aside] = it.told;
  const parts = [make("span", "", words)];
  if (given) parts.push(given.question.widget.describe(given.question, given.value));
  if (aside) parts.push(make("span", "aside", aside));
  part(it, "said").replaceChildren(...(words ? parts : []));
}

export function renderStanding(it) {
  if (!isShown(it)) return;
  const words = standing();
  if (part(it, "standing").textContent !== words) part(it, "standing").textContent = words;
  part(it, "standing").title = words && "Kept in this browser, and stored as soon as the server answers";
}

function renderProgress(it) {
  const { before, total, reviewed } = it.data;
  const passed = before + position(it);
  const number = Math.min(passed + (atEnd(it) ? 0 : 1), total);
  const parts = [`${number.toLocaleString("en")} of ${total.toLocaleString("en")}`];
  if (it.questions.length > 1 && !atEnd(it)) parts.push(answered(it));
  if (reviewed) parts.push(`${reviewed.toLocaleString("en")} reviewed before`);
  const each = paceOf(it, asked(it));
  if (each !== null && total > passed) parts.push(`${each.toFixed(1)} s each`, timeLeft(secondsLeft(it, total - passed)));
  part(it, "count").textContent = parts.join(" · ");
  part(it, "bar").firstElementChild.style.width = `${total ? (100 * passed) / total : 0}%`;
  const [words, given] = it.told;
  const told = [words, given?.question.widget.words(given.question, given.value)].filter(Boolean).join(" ");
  const about = it.questions.length > 1 ? `, ${asked(it).name}` : "";
  const spoken = atEnd(it) ? "End of the batch" : `Item ${number} of ${total}${about}`;
  part(it, "live").textContent = [told, spoken].filter(Boolean).join(". ");
}

function answered(it) {
  const steps = ofItem(it);
  return `${steps.filter((one) => !isOpen(it, one)).length} of ${steps.length} questions answered`;
}

function timeLeft(seconds) {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return "less than 1 min left";
  return minutes < 90 ? `about ${minutes} min left` : `about ${(minutes / 60).toFixed(1)} h left`;
}

function buildHints(it) {
  it.hints = asked(it).commands.filter((one) => one.word).map(({ act, glyph, word }) => {
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
    if (name === "accept") hint.querySelector("b").textContent = asked(it).widget.words(asked(it), value);
    if (name === "blind") hint.setAttribute("aria-pressed", String(it.blind));
  }
}

function acceptWord(it) {
  if (differs(it)) return "they differ: choose";
  if (atEnd(it)) return "accept";
  if (edited(it) !== undefined) return "complete";
  return present(it) === null ? "accept" : "keep";
}

function hintApplies(it, name, value) {
  if (name === "accept") return value !== null || differs(it);
  const { commands, widget } = asked(it);
  if (name === "question") return !atEnd(it) && it.questions.length > 1;
  if (commands.some((one) => one.act === name && one.optional)) return widget.hints(asked(it)).includes(name) && !atEnd(it);
  if (name === "back") return it.data.rows.length > 0;
  return !atEnd(it) || ["undo", "guidelines", "keys"].includes(name);
}
