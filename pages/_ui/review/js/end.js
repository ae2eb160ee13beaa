// What comes after the last item of a batch.

import { make } from "./dom.js";
import { opinionFrame } from "./opinions.js";
import { applies, markOf, moreLeft, ownOf, part } from "./sitting.js";

export function renderEnd(it) {
  const steps = it.data.rows.filter((one) => applies(it, one)).map((now) => ({ now, value: ownOf(it, now.step) }));
  const decided = steps.filter(({ value }) => value !== null);
  const suggested = decided.filter(({ now }) => now.suggestion !== null);
  const changed = suggested.filter(({ now, value }) => !widgetOf(it, now).same(value, now.suggestion));
  const several = it.questions.length > 1;
  const items = new Set(steps.map(({ now }) => now.id));
  const open = new Set(steps.filter(({ value }) => value === null).map(({ now }) => now.id));
  const flagged = new Set(it.data.rows.filter(({ step }) => markOf(it, step).flag).map(({ id }) => id));
  const facts = [
    [several ? "items completed" : "decided", `${items.size - open.size} of ${items.size}`],
    ...(several ? [["questions answered", `${decided.length} of ${steps.length}`]] : []),
    ...(suggested.length ? [["changed against the suggestion", `${changed.length} of ${suggested.length}`]] : []),
    [several ? "left open" : "skipped", String(open.size)],
    ["flagged", String(flagged.size)],
  ];
  const parts = items.size
    ? [make("h3", "", moreLeft(it) ? "End of this batch" : "End of the queue"), factTable(facts), agreements(it, decided)]
    : [make("h3", "", "Nothing to review in this queue")];
  if (moreLeft(it)) parts.push(moreButton(it));
  part(it, "end").replaceChildren(...parts);
}

const widgetOf = (it, now) => it.questions[now.question].widget;

function factTable(facts) {
  const list = make("dl", "facts");
  for (const [name, value] of facts) list.append(make("dt", "", name), make("dd", "", value));
  return list;
}

function agreements(it, decided) {
  const list = make("div", "agreed");
  it.questions.forEach(({ name }, question) => {
    const tally = tallied(it, decided.filter(({ now }) => now.question === question));
    if (tally.size) list.append(make("h4", "", it.questions.length > 1 ? `You agreed on ${name} with` : "You agreed with"));
    for (const [who, { agreed, of, color }] of tally) {
      const { line, says } = opinionFrame(who, color);
      says.textContent = `${agreed} of ${of}`;
      list.append(line);
    }
  });
  return list;
}

function tallied(it, decided) {
  const tally = new Map();
  for (const { now, value } of decided) {
    for (const opinion of now.opinions) {
      if (opinion.value === null) continue;
      const count = tally.get(opinion.annotator) ?? { agreed: 0, of: 0, color: opinion.color };
      count.of += 1;
      if (widgetOf(it, now).same(opinion.value, value)) count.agreed += 1;
      tally.set(opinion.annotator, count);
    }
  }
  return tally;
}

function moreButton(it) {
  const button = make("button", "more");
  button.type = "button";
  button.dataset.act = "accept";
  button.disabled = it.asking;
  const left = moreLeft(it).toLocaleString("en");
  button.append(make("kbd", "", "Enter"), it.asking ? " Loading…" : ` Load more (${left} left)`);
  return button;
}
