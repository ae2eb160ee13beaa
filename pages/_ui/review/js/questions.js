// All that is asked of an item, each question with what the reviewer has answered; the one in view is open below them.

import { stepOf } from "./asked.js";
import { directed, make } from "./dom.js";
import { keepLooks } from "./looking.js";
import { applies, asked, atEnd, markOf, ownOf, part, row, rowOf, valueOf } from "./sitting.js";

// Puts the widget of the question in view into the page, with an element of its own for the text, since a widget may
// listen to it; whether another one was there before.
export function mountQuestion(it) {
  const question = asked(it);
  if (it.mounted === question) return false;
  it.mounted?.widget.leave?.(it.mounted);
  if (it.mounted) {
    it.looks = keepLooks(it);
    part(it, "text").replaceWith(part(it, "text").cloneNode(false));
  }
  it.mounted = question;
  question.widget.mount(question);
  return true;
}

export function renderQuestions(it) {
  const strip = part(it, "questions");
  strip.hidden = it.questions.length < 2 || atEnd(it);
  if (!strip.hidden) strip.replaceChildren(...it.questions.map((question) => tab(it, question)));
}

function tab(it, question) {
  const step = stepOf(row(it).id, question.project);
  const isAsked = applies(it, rowOf(it, step));
  const one = make("button", "question");
  one.type = "button";
  one.dataset.step = step;
  one.disabled = !isAsked;
  if (step === row(it).step) one.setAttribute("aria-current", "true");
  const name = directed(make("span", "asks", question.name));
  const { flag, note } = markOf(it, step);
  if (flag || note) name.append(make("span", "remarked", [flag ? "flagged" : "", note ? "note" : ""].filter(Boolean).join(", ")));
  one.append(name, isAsked ? answer(it, question, step) : make("span", "none", unasked(it, question, step)));
  one.title = isAsked ? question.name : `${question.name}: ${unasked(it, question, step)}`;
  return one;
}

function answer(it, question, step) {
  const value = valueOf(it, step);
  return value === null ? make("span", "none", "not answered") : question.widget.describe(question, value);
}

// Where it is asked; what was answered before it was not is kept.
function unasked(it, question, step) {
  const value = ownOf(it, step);
  return value === null ? question.hangs.words : `${question.hangs.words}; kept: ${question.widget.words(question, value)}`;
}

// The questions that were answered, and are not asked any more now that this step has another answer.
export const fallenAway = (it, before) =>
  before.filter((one) => !applies(it, one) && ownOf(it, one.step) !== null).map((one) => it.questions[one.question].name);
