// What the annotators say, side by side, and what was said before.

import { directed, make, paint } from "./dom.js";
import { asked, part } from "./sitting.js";

export function renderOpinions(it, now) {
  const reference = now.opinions.find((opinion) => opinion.is_reference);
  const lines = now.opinions.map((opinion) => opinionLine(it, opinion, reference));
  const mine = opinionFrame("you", "");
  mine.line.classList.add("you");
  mine.says.className = "says mine";
  if (it.blind && lines.length) lines.push(make("div", "veil", "B shows what the others say"));
  const about = it.questions.length > 1 ? [directed(make("h4", "", asked(it).name))] : [];
  part(it, "opinions").replaceChildren(...about, ...lines, mine.line);
}

// Names of models differ in their ends (prompt version, number of the fine-tune). Three lines hold this much.
function withItsEnd(name) {
  const letters = Array.from(name);
  return letters.length > 24 ? `${letters.slice(0, 13).join("")}…${letters.slice(-10).join("")}` : name;
}

export function opinionFrame(name, color) {
  const line = make("div", "opinion");
  line.setAttribute("role", "listitem");
  const dot = make("i", "dot");
  paint(dot, color);
  const who = make("span", "who");
  who.append(make("span", "name", withItsEnd(name)));
  who.title = name;
  const says = make("span", "says");
  line.append(dot, who, says);
  return { line, who, says };
}

function opinionLine(it, opinion, reference) {
  const question = asked(it);
  const { line, who, says } = opinionFrame(opinion.annotator, opinion.color);
  if (opinion.is_reference) who.append(make("span", "role", "reference"));
  if (it.blind) {
    says.append(make("span", "none", "hidden"));
    return line;
  }
  says.append(opinion.value === null ? make("span", "none", "–") : question.widget.describe(question, opinion.value));
  if (opinion.confidence !== null) {
    line.append(make("span", "confidence", opinion.confidence));
    line.lastChild.title = "confidence";
  }
  if (reference && !opinion.is_reference && opinion.value !== null) {
    const same = question.widget.same(opinion.value, reference.value);
    const mark = make("span", same ? "mark" : "mark differs", same ? "=" : "≠");
    mark.title = same ? "as the reference" : "differs from the reference";
    mark.setAttribute("aria-label", mark.title);
    mark.setAttribute("role", "img");
    line.append(mark);
  }
  if (opinion.reason) line.append(make("span", "reason", opinion.reason));
  return line;
}

export function renderHistory(it, now) {
  const { widget } = asked(it);
  const told = (entry) =>
    typeof entry === "string" ? entry : `${entry[0]}${widget.words(asked(it), entry[1])}${entry[2]}`;
  const lines = it.blind && now.history.length ? ["history hidden"] : now.history.map(told);
  part(it, "history").replaceChildren(...lines.map((line) => directed(make("div", "", line))));
}
