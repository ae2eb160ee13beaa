// The widget for one label: a button and a key for each, and a field to find one among many.
//
// A widget is: mount (its elements, once for a task), show (the value of the item in view), key (the value a key means),
// typed (what a key means in a field of its own), away (the same while that field is out of the page; null: not for it),
// clicked (the value a button means), describe (a value as an element), words (a value as text), says (what an act that
// gives this value says), meant (what took the place of a value that was read), isGone (whether the task has it no more),
// same, done, hints.

import { chip, directed, make, paint } from "../dom.js";
import { isShown, ownOf, part, row } from "../sitting.js";

const MANY = 20;
const isMany = (it) => it.choices.length > MANY;

export const choiceWidget = {
  mount(it) {
    it.root.toggleAttribute("data-many", isMany(it));
    part(it, "filter").hidden = !isMany(it);
    part(it, "filter").placeholder = `Find among ${it.choices.length} labels`;
    watchFilter(it);
    it.buttons = it.choices.map((choice) => choiceButton(it, choice));
    part(it, "choices").replaceChildren(...it.buttons);
    it.filtered = null;
    filterChoices(it);
    if (it.find.isTyping && isMany(it)) part(it, "filter").focus({ preventScroll: true });
  },
  show(it) {
    if (it.findsFor !== row(it).id) clearFilter(it);
    it.findsFor = row(it).id;
    const { label } = ownOf(it, row(it).id);
    const suggested = it.blind ? null : row(it).suggestion;
    for (const button of it.buttons) {
      if (button.hasAttribute("data-removed")) continue;
      button.setAttribute("aria-pressed", String(button.dataset.label === label));
      button.toggleAttribute("data-suggested", label === null && button.dataset.label === suggested);
    }
  },
  key(it, event) {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    // On layouts where digits need Shift the digit row still labels.
    const digit = !event.shiftKey && /^Digit(\d)$/.exec(event.code);
    const choice = it.byKey.get(key) ?? (digit ? it.byKey.get(digit[1]) : undefined);
    return choice && valueOf(it, choice);
  },
  field: (it) => part(it, "filter"),
  typed(it, event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) return moveTo(it, it.highlighted + step), { stay: true };
    if (event.key === "Escape") return clearFilter(it), { leave: true };
    if (event.key !== "Enter") return null;
    if (event.ctrlKey || event.metaKey) return { accept: true };
    const chosen = it.filtered && it.matches[it.highlighted];
    return chosen ? { value: chosen.dataset.value } : { stay: true };
  },
  // Whoever types a name types on, also while the field is not there: no letter of it is a label's key.
  away(it, event) {
    if (!it.find?.isTyping) return null;
    const meant = this.typed(it, event);
    if (meant) {
      it.find.isTyping = Boolean(meant.stay);
      return meant;
    }
    if (event.key.length === 1) lookFor(it, it.find.text + event.key);
    else if (event.key === "Backspace") lookFor(it, it.find.text.slice(0, -1));
    return { stay: true };
  },
  clicked: (button) => button.dataset.value,
  describe: (it, value) => chip(value, it.byName.get(value)?.color),
  words: (value) => value ?? "",
  says: (it, value) => ({ label: value, choice: it.byName.get(value)?.id ?? null }),
  meant: (it, value) => (it.byName.has(value) ? value : it.byId.get(removedOf(it, value)?.id)?.name ?? value),
  isGone: (it, value) => !it.byName.has(value),
  same: (one, other) => one === other,
  done: (value) => value !== null,
  hints: (it) => (isMany(it) ? ["find"] : []),
};

const removedOf = (it, name) => it.choices.find((choice) => choice.removed && choice.name === name);

// The name that a button or a key gives. Where another label carries the name of a removed one by now, it is not meant.
function valueOf(it, choice) {
  if (!choice.removed || !it.byName.has(choice.name)) return choice.name;
  return it.byId.get(choice.id)?.name ?? `${choice.name} (removed)`;
}

function choiceButton(it, choice) {
  // The label that took the place of one that was merged away.
  const heir = choice.removed ? it.byId.get(choice.id) : null;
  const button = make("button", "choice");
  button.type = "button";
  button.dataset.label = choice.name;
  button.dataset.value = valueOf(it, choice);
  const gone = heir ? `merged into ${heir.name}` : "removed from the task";
  button.title = choice.removed ? gone : choice.description;
  button.toggleAttribute("data-removed", Boolean(choice.removed));
  button.toggleAttribute("data-fallback", choice.is_fallback);
  paint(button, choice.color);
  if (choice.key) button.append(make("kbd", "", choice.key.toUpperCase()));
  button.append(directed(make("span", "", choice.name)));
  if (heir) button.append(directed(make("span", "heir", `→ ${heir.name}`)));
  return button;
}

// What is typed there outlives the field, which Streamlit takes out and puts back as it likes.
function watchFilter(it) {
  const field = part(it, "filter");
  it.find ??= { text: "", isTyping: false, chosen: null };
  if (field.value !== it.find.text) field.value = it.find.text;
  field.oninput = () => lookFor(it, field.value);
  field.onfocus = () => (it.find.isTyping = true);
  field.onblur = () => queueMicrotask(() => {
    if (isShown(it) && part(it, "filter") === field) it.find.isTyping = false;
  });
}

function clearFilter(it) {
  part(it, "filter").value = "";
  lookFor(it, "");
}

function lookFor(it, text) {
  it.find.text = text;
  filterChoices(it);
}

function filterChoices(it) {
  const wanted = it.find.text.trim().toLowerCase();
  if (wanted === it.filtered) return;
  if (it.filtered !== null) it.find.chosen = null;
  it.filtered = wanted;
  const isFound = (one) => one.dataset.label.toLowerCase().includes(wanted);
  const isGone = (one) => one.hasAttribute("data-removed") && !one.querySelector(".heir");
  for (const button of it.buttons) button.hidden = Boolean(wanted && isGone(button)) || !isFound(button);
  it.matches = it.buttons.filter((button) => !button.hidden);
  // Buttons made anew: what was chosen among the old ones stays chosen, or Enter would mean another label.
  const chosen = it.matches.findIndex((one) => one.dataset.label === it.find.chosen);
  const first = it.matches.findIndex((one) => one.dataset.label.toLowerCase().startsWith(wanted));
  highlight(it, Math.max(chosen >= 0 ? chosen : first, 0));
}

function moveTo(it, to) {
  highlight(it, to);
  it.find.chosen = it.matches[it.highlighted]?.dataset.label;
}

function highlight(it, to) {
  const count = it.matches.length;
  it.highlighted = count ? (to + count) % count : 0;
  for (const button of it.buttons) button.removeAttribute("data-highlighted");
  const chosen = it.matches[it.highlighted];
  if (!it.filtered || !chosen) return;
  chosen.setAttribute("data-highlighted", "");
  chosen.scrollIntoView({ block: "nearest" });
}
