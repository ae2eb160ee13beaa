// What comes after the last item of a batch.

import { make } from "./dom.js";
import { opinionFrame } from "./opinions.js";
import { moreLeft, ownOf, part } from "./sitting.js";

export function renderEnd(it) {
  const rows = it.data.rows;
  const value = (one) => ownOf(it, one.id).value;
  const decided = rows.filter((one) => value(one) !== null);
  const suggested = decided.filter((one) => one.suggestion !== null);
  const changed = suggested.filter((one) => !it.widget.same(value(one), one.suggestion));
  const flagged = rows.filter((one) => ownOf(it, one.id).flag);
  const facts = [
    ["decided", `${decided.length} of ${rows.length}`],
    ...(suggested.length ? [["changed against the suggestion", `${changed.length} of ${suggested.length}`]] : []),
    ["skipped", String(rows.length - decided.length)],
    ["flagged", String(flagged.length)],
  ];
  const parts = rows.length
    ? [make("h3", "", moreLeft(it) ? "End of this batch" : "End of the queue"), factTable(facts),
       agreements(it, decided)]
    : [make("h3", "", "Nothing to review in this queue")];
  if (moreLeft(it)) parts.push(moreButton(it));
  part(it, "end").replaceChildren(...parts);
}

function factTable(facts) {
  const list = make("dl", "facts");
  for (const [name, value] of facts) list.append(make("dt", "", name), make("dd", "", value));
  return list;
}

function agreements(it, decided) {
  const tally = new Map();
  for (const one of decided) {
    for (const opinion of one.opinions) {
      if (opinion.value === null) continue;
      const count = tally.get(opinion.annotator) ?? { agreed: 0, of: 0, color: opinion.color };
      count.of += 1;
      if (it.widget.same(opinion.value, ownOf(it, one.id).value)) count.agreed += 1;
      tally.set(opinion.annotator, count);
    }
  }
  const list = make("div", "agreed");
  if (tally.size) list.append(make("h4", "", "You agreed with"));
  for (const [name, { agreed, of, color }] of tally) {
    const { line, says } = opinionFrame(name, color);
    says.textContent = `${agreed} of ${of}`;
    list.append(line);
  }
  return list;
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
