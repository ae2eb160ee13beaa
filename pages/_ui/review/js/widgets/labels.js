// Labels as buttons, each with its key, and a field to find one among many: what the widgets that offer labels share.
// Each says itself what it means to `pick` one of them.

import { directed, make, paint } from "../dom.js";
import { isShown, part, row } from "../sitting.js";

const MANY = 20;
const isMany = (it) => it.choices.length > MANY;

export const labelButtons = {
  mount(it) {
    it.root.toggleAttribute("data-many", isMany(it));
    it.root.toggleAttribute("data-text", false);
    part(it, "choices").toggleAttribute("data-scale", false);
    part(it, "filter").hidden = !isMany(it);
    part(it, "filter").placeholder = `Find among ${it.choices.length} labels`;
    watchFilter(it);
    it.buttons = it.choices.map((choice) => labelButton(it, choice));
    part(it, "choices").replaceChildren(...it.buttons);
    it.filtered = null;
    filterChoices(it);
    if (it.find.isTyping && isMany(it)) part(it, "filter").focus({ preventScroll: true });
  },
  show(it) {
    if (it.findsFor !== row(it).id) clearFilter(it);
    it.findsFor = row(it).id;
  },
  key(it, event) {
    const choice = choiceOfKey(it, event);
    return choice && this.pick(it, choice);
  },
  field: (it) => part(it, "filter"),
  typed(it, event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) return moveTo(it, it.highlighted + step), { stay: true };
    if (event.key === "Escape") return clearFilter(it), { leave: true };
    if (event.key !== "Enter") return null;
    if (event.ctrlKey || event.metaKey) return { accept: true };
    const chosen = it.filtered && it.matches[it.highlighted];
    return chosen ? this.pick(it, it.choices[it.buttons.indexOf(chosen)]) : { stay: true };
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
  clicked(it, button) {
    const place = it.buttons.indexOf(button);
    return place < 0 ? undefined : this.pick(it, it.choices[place]);
  },
  leave: (it) => (it.find.isTyping = false),
  hints: (it) => (isMany(it) ? ["find"] : []),
};

function choiceOfKey(it, event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return undefined;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  // On layouts where digits need Shift the digit row still labels.
  const digit = !event.shiftKey && /^Digit(\d)$/.exec(event.code);
  return it.byKey.get(key) ?? (digit ? it.byKey.get(digit[1]) : undefined);
}

function labelButton(it, choice) {
  // The label that took the place of one that was merged away.
  const heir = choice.removed ? it.byId.get(choice.id) : null;
  const button = make("button", "choice");
  button.type = "button";
  button.dataset.label = choice.name;
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

export function clearFilter(it) {
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
