// The widget for which of two candidates is better: the two side by side, the outcomes between them from one end to the
// other. Which stands on the left is drawn by lot, for each item once and for all; what is said is in the item's own order.

import { make } from "../dom.js";
import { candidateNode } from "../reading.js";
import { part, row } from "../sitting.js";
import { choiceWidget } from "./choice.js";

export const pairWidget = {
  ...choiceWidget,
  told: "Preferred",
  apart: (it) => it.options.candidates,
  mount(it) {
    choiceWidget.mount(it);
    part(it, "choices").toggleAttribute("data-scale", true);
  },
  read(it, node, now) {
    const columns = inShownOrder(now.id, it.options.candidates).map((name) => {
      const column = make("div", "candidate");
      const [, text] = now.fields.find(([field]) => field === name) ?? [name, ""];
      column.append(make("h4", "", CALLED[it.options.candidates.indexOf(name)]), candidateNode(it, now, name, text));
      return column;
    });
    const pair = make("div", "pair");
    pair.append(...columns);
    const asked = make("div", "asked");
    asked.append(candidateNode(it, now, "", now.text));
    node.replaceChildren(asked, pair);
  },
  show(it) {
    choiceWidget.show(it);
    for (const [place, choice] of outcomes(it).entries()) {
      const button = it.buttons[it.choices.indexOf(choice)];
      button.style.order = place;
      button.querySelector("kbd").textContent = String(place + 1);
    }
  },
  // With the order in which the candidates stood, by their places in the item.
  says: (it, value) => ({ ...choiceWidget.says(it, value), shown: isTurned(row(it).id) ? "1,0" : "0,1" }),
  // Keys go by place: what stands first has the first.
  key(it, event) {
    const shown = outcomes(it);
    const outcome = shown[Number(event.key) - 1] ?? nearest(shown, event.key);
    if (outcome) return this.pick(it, outcome);
    return /^[1-9]$/.test(event.key) ? undefined : choiceWidget.key.call(this, it, event);
  },
};

const CALLED = ["First", "Second"]; // in the item, as the outcomes name them

// Half of the numbers, each always in the same way.
const isTurned = (id) => (Math.imul(id ^ (id >>> 15), 0x2c1b3c6d) >>> 16) % 2 === 1;
const inShownOrder = (id, pair) => (isTurned(id) ? [...pair].reverse() : [...pair]);

// From the left one much better to the right one.
function outcomes(it) {
  const scored = it.choices.filter((one) => one.score !== null && one.key);
  scored.sort((one, other) => other.score - one.score);
  return isTurned(row(it).id) ? scored.reverse() : scored;
}

// An arrow prefers the one it points to, by the least.
function nearest(shown, key) {
  if (key === "ArrowLeft") return shown.findLast((one) => one.score * shown[0].score > 0);
  if (key === "ArrowRight") return shown.find((one) => one.score * shown.at(-1).score > 0);
  return undefined;
}
