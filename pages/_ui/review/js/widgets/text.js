// The widget for free text: it is written in a field, or what somebody wrote is corrected there. Beside the field stands
// what was changed of the text it is held against, word by word. Typing is a draft of its item until it is completed.

import { directed, make } from "../dom.js";
import { atEnd, isShown, part, present, row } from "../sitting.js";
import { foldedRuns, wordDiff } from "./text/diff.js";

const LONGEST_TEXT = 100_000;
const LONGEST_SAID = 60;

export const textWidget = {
  told: "Written",
  edits: true,
  staysDraft: true,
  nothing: "",
  mount(it) {
    it.root.toggleAttribute("data-many", false);
    it.root.toggleAttribute("data-text", true);
    part(it, "choices").toggleAttribute("data-scale", false);
    part(it, "filter").hidden = true;
    it.buttons = [];
    it.matches = [];
    it.writing ??= { isTyping: false, caret: 0 };
    const field = directed(make("textarea", "written"));
    field.spellcheck = true;
    field.setAttribute("aria-label", "Your text");
    const beside = make("div", "beside");
    beside.append(make("div", "against"), directed(make("div", "changes")));
    part(it, "choices").replaceChildren(field, beside);
    watchField(it, field);
  },
  show(it) {
    const field = part(it, "written");
    const { id } = row(it);
    if (it.writesFor !== id) it.writing = { isTyping: it.writesFor === undefined && it.writing.isTyping, caret: 0 };
    it.writesFor = id;
    const text = shownText(it);
    if (field.value !== text) field.value = text;
    field.placeholder = it.blind || !heldAgainst(it) ? "W to write" : "";
    field.toggleAttribute("data-offered", present(it) === null && text !== "");
    if (it.writing.isTyping && it.root.getRootNode().activeElement !== field) writeOn(it, field);
    showChosen(it);
    showChanges(it, text);
  },
  key(it, event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return undefined;
    const digit = /^[1-9]$/.exec(event.key) ?? (!event.shiftKey && /^(?:Digit)(\d)$/.exec(event.code));
    if (digit) return holdAgainst(it, Number(digit.at(-1)));
    const name = { k: "keep", w: "write" }[event.key.toLowerCase()];
    return name && this.command(it, name);
  },
  command(it, name) {
    if (name === "write") return writeOn(it, part(it, "written")), { stay: true };
    const kept = heldAgainst(it);
    return kept ? { value: kept.value } : { say: it.blind ? "Others are hidden: W writes" : "Nobody has written here: W writes" };
  },
  field: (it) => part(it, "written"),
  typed(it, event) {
    if (event.key === "Escape") return { leave: true };
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return { value: part(it, "written").value };
    return null;
  },
  // Whoever writes writes on, also while the field is not there.
  away(it, event) {
    if (!it.writing?.isTyping) return null;
    const at = Math.min(it.writing.caret, shownText(it).length);
    if (event.key === "Escape") it.writing.isTyping = false;
    else if (event.key === "Enter") putIn(it, at, at, "\n");
    else if (event.key === "Backspace") putIn(it, Math.max(at - 1, 0), at, "");
    else if (event.key.length === 1) putIn(it, at, at, event.key);
    return { stay: true, repeats: true };
  },
  clicked: () => undefined,
  describe(it, value) {
    if (!value.trim()) return make("span", "nothing", "empty");
    return directed(make("span", "wrote", value.length > 2000 ? `${value.slice(0, 2000)}…` : value));
  },
  words(it, value) {
    if (value === null) return "";
    const line = value.slice(0, 4 * LONGEST_SAID).split(/\s+/).filter(Boolean).join(" ");
    return line.length > LONGEST_SAID ? `${line.slice(0, LONGEST_SAID)}…` : line || "an empty text";
  },
  says: (it, value) => ({ value }),
  own: (it, word, mine) => ("value" in word ? word.value : mine),
  meant: (it, value) => value,
  held: (it, value) => value,
  still: (it, value) => value,
  isGone: () => false,
  refuses(it, value) {
    if (value.length <= LONGEST_TEXT) return "";
    return `The text has ${value.length.toLocaleString("en")} characters; the limit is ${LONGEST_TEXT.toLocaleString("en")}`;
  },
  same: (one, other) => one === other,
  labels: () => [],
  leave: (it) => (it.writing.isTyping = false),
  hints: (it) => [...(heldAgainst(it) ? ["keep"] : []), "write", "nothing"],
};

// Whom the text is held against: the one that was chosen, else the first who says anything.
function heldAgainst(it) {
  if (atEnd(it) || it.blind) return null;
  const said = row(it).opinions.filter((one) => one.value !== null);
  return said.find((one) => one.annotator === it.against) ?? said[0] ?? null;
}

function holdAgainst(it, number) {
  const opinion = row(it).opinions[number - 1];
  if (it.blind || !opinion) return { stay: true };
  if (opinion.value === null) return { say: `${opinion.annotator} has not written here` };
  it.against = opinion.annotator;
  return { say: `Held against ${opinion.annotator}` };
}

const shownText = (it) => present(it) ?? heldAgainst(it)?.value ?? "";

function showChosen(it) {
  const lines = [...part(it, "opinions").querySelectorAll(".opinion:not(.you)")];
  const against = heldAgainst(it);
  lines.forEach((line, place) => line.toggleAttribute("data-chosen", row(it).opinions[place] === against && !it.blind));
}

// Yours against the chosen one; before there is a word of yours, the chosen one against the reference.
function showChanges(it, text) {
  const against = heldAgainst(it);
  const reference = it.blind ? null : row(it).opinions.find((one) => one.is_reference && one.value !== null);
  const isMine = present(it) !== null;
  const [from, to, named] = isMine
    ? [against, text, "yours"]
    : [reference === against ? null : reference, against?.value, against?.annotator];
  const words = from ? `${from.annotator} → ${named}` : against && !isMine ? `as ${against.annotator} wrote it` : "";
  part(it, "against").textContent = words;
  part(it, "changes").replaceChildren(...(from ? changedWords(from.value, to) : []));
}

function changedWords(before, after) {
  if (before === after) return [make("span", "none", "nothing changed")];
  return foldedRuns(wordDiff(before, after)).map(([sort, text]) => make(TAG_OF[sort], sort, text));
}

const TAG_OF = { same: "span", gone: "del", new: "ins", folded: "i" };

// ---------------------------------------------------------------- the field

function watchField(it, field) {
  field.oninput = () => typedIn(it, field);
  field.onkeyup = field.onpointerup = () => (it.writing.caret = field.selectionStart);
  field.onfocus = () => (it.writing.isTyping = true);
  field.onblur = () => queueMicrotask(() => {
    if (isShown(it) && part(it, "written") === field) it.writing.isTyping = false;
  });
}

function typedIn(it, field) {
  it.writing.caret = field.selectionStart;
  it.heed({ typed: field.value, stay: true });
}

function putIn(it, from, to, words) {
  const text = shownText(it);
  it.writing.caret = from + words.length;
  it.heed({ typed: text.slice(0, from) + words + text.slice(to), stay: true });
}

// At the end, where one writes on, unless one was somewhere else before the field went away.
function writeOn(it, field) {
  const caret = it.writing.isTyping ? it.writing.caret : field.value.length;
  it.writing = { isTyping: true, caret };
  field.focus({ preventScroll: true });
  field.setSelectionRange(caret, caret);
}
