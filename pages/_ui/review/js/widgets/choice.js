// The widget for one label: each key and button gives one, and leads on. Its value is the label's name.
//
// A widget is: mount (its elements, once for a task), show (the value of the item in view), key, typed, away and clicked
// (what a key means; one in a field of its own; the same while that field is out of the page; a button: see `carryOut`),
// describe (a value as an element), words (a value as text), says (what an act that gives this value says), own (the
// value after such acts), meant (what took the place of a value that was read), held and still (what a value was before
// the labels are dealt anew, and what that is afterwards), isGone (whether the task has it no more), refuses (why a
// value cannot be given, if it cannot), same, labels (those in a
// value, by id), hints; leave (it goes out of view, where it has to know); and read (the item's text), where it shows that in its own way.

import { chip } from "../dom.js";
import { ownOf, row } from "../sitting.js";
import { labelButtons } from "./labels.js";

export const choiceWidget = {
  ...labelButtons,
  told: "Labelled",
  show(it) {
    labelButtons.show(it);
    const value = ownOf(it, row(it).step);
    const suggested = it.blind ? null : row(it).suggestion;
    for (const button of it.buttons) {
      if (button.hasAttribute("data-removed")) continue;
      button.setAttribute("aria-pressed", String(button.dataset.label === value));
      button.toggleAttribute("data-suggested", value === null && button.dataset.label === suggested);
    }
  },
  pick: (it, choice) => ({ value: nameMeant(it, choice) }),
  describe: (it, value) => chip(value, it.byName.get(value)?.color),
  words: (it, value) => value ?? "",
  says: (it, value) => ({ label: value, choice: it.byName.get(value)?.id ?? null }),
  own: (it, word, mine) => ("label" in word ? it.byId.get(word.choice)?.name ?? word.label : mine),
  meant: (it, value) => (it.byName.has(value) ? value : it.byId.get(removedOf(it, value)?.id)?.name ?? value),
  held: (it, value) => ({ name: value, id: it.byName.get(value)?.id }),
  still: (it, { name, id }) => (it.byId.get(id) ?? it.byName.get(name))?.name ?? null,
  isGone: (it, value) => !it.byName.has(value),
  refuses: () => "",
  same: (one, other) => one === other,
  labels: (it, value) => [it.byName.get(value)?.id],
};

const removedOf = (it, name) => it.choices.find((choice) => choice.removed && choice.name === name);

// The name that a button or a key gives. Where another label carries the name of a removed one by now, it is not meant.
function nameMeant(it, choice) {
  if (!choice.removed || !it.byName.has(choice.name)) return choice.name;
  return it.byId.get(choice.id)?.name ?? `${choice.name} (removed)`;
}
