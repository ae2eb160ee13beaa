// The widget for several labels: each key and button puts one in or takes it out, Enter completes. Its value is the set
// of their ids in order. It begins with what is suggested, as the buttons show it.

import { chip, make, paint } from "../dom.js";
import { prefilled, row } from "../sitting.js";
import { labelOf, valuesByIds } from "./by_ids.js";
import { clearFilter, labelButtons } from "./labels.js";

const inOrder = (ids) => [...new Set(ids)].sort((one, other) => one - other);

export const choicesWidget = {
  ...labelButtons,
  ...valuesByIds((value) => value, (value, now) => inOrder(value.map(now))),
  told: "Labelled",
  edits: true,
  nothing: [],
  show(it) {
    labelButtons.show(it);
    const value = prefilled(it);
    const isOffered = value !== null && value === row(it).suggestion;
    it.choices.forEach((choice, place) => {
      const button = it.buttons[place];
      const isIn = !choice.removed && Boolean(value?.includes(choice.id));
      button.setAttribute("aria-pressed", String(isIn && !isOffered));
      button.toggleAttribute("data-suggested", isIn && isOffered);
      showWho(it, button, choice);
    });
  },
  pick(it, choice) {
    const now = it.byId.get(choice.id);
    if (!now) return { gone: choice.name };
    if (it.find.isTyping) clearFilter(it);
    return { edit: toggled(it, prefilled(it) ?? [], now), stay: it.find.isTyping };
  },
  describe(it, value) {
    const chips = make("span", "chips");
    for (const id of value) chips.append(chip(labelOf(it, id).name, labelOf(it, id).color));
    if (!value.length) chips.append(make("span", "nothing", "no label"));
    return chips;
  },
  words: (it, value) => (value === null ? "" : value.map((id) => labelOf(it, id).name).join(", ") || "no label"),
  refuses: (it, value) => (value.length || it.options.allow_empty ? "" : "At least one label is needed: pick it"),
  hints: (it) => [...labelButtons.hints(it), ...(it.options.allow_empty ? ["nothing"] : [])],
};

// The fallback says that no label fits, so it stands alone.
function toggled(it, value, choice) {
  if (value.includes(choice.id)) return value.filter((id) => id !== choice.id);
  const others = choice.is_fallback ? [] : value.filter((id) => !it.byId.get(id)?.is_fallback);
  return inOrder([...others, choice.id]);
}

// Who has given the label, as dots of their colours; and whether they differ on it.
function showWho(it, button, choice) {
  const opinions = it.blind ? [] : row(it).opinions.filter((one) => one.value !== null);
  const givers = opinions.filter((one) => one.value.includes(choice.id));
  const differ = givers.length > 0 && givers.length < opinions.length;
  const who = make("span", "who-gave");
  for (const giver of givers.slice(0, 4)) {
    const dot = make("i", "dot");
    paint(dot, giver.color);
    who.append(dot);
  }
  if (differ) who.append(make("b", "", `${givers.length}/${opinions.length}`));
  who.title = givers.length ? `given by ${givers.map((one) => one.annotator).join(", ")}` : "";
  button.toggleAttribute("data-differ", differ);
  const before = button.querySelector(".who-gave");
  if (before) before.replaceWith(who);
  else button.append(who);
}
