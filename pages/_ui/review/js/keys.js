// What a key means, heard before anybody else in the page hears it.

import { isConnected, isRunning } from "../../shell/network.js";
import { accept, change, closeSheet, COMMANDS, decide, isRemoved, leaveNote, stir, turn, typeEdit } from "./acts.js";
import { keepDraft } from "./draft.js";
import { rest, TYPING } from "./focus.js";
import { lookingKey } from "./looking.js";
import { asked, atEnd, isShown, part, row } from "./sitting.js";

const OWN_ARROWS = "[role=slider], [role=tab], [role=radio], [role=grid], [role=listbox], [role=menu], [role=tree]";
const PUT_BACK_WITHIN = 1000;

const elements = (event) => event.composedPath().filter((node) => node instanceof Element);
const within = (event, selector) => elements(event).some((node) => node.matches(selector));

function consume(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

export function onKey(it, event) {
  if (!it || event.isComposing) return;
  if (!isShown(it)) return isAway(it) ? awayKey(it, event) : undefined;
  const inside = event.composedPath().includes(it.root);
  const at = event.composedPath()[0];
  if (!part(it, "overlay").hidden) return overlayKey(it, event);
  if (inside && at === part(it, "note")) return noteKey(it, event);
  const question = asked(it);
  if (inside && at === question.widget.field(question)) return fieldKey(it, event);
  if (!inside && within(event, TYPING + ", [role=dialog]")) return comeBack(it, event);
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && !event.altKey) return once(it, event, accept);
  if (!inside && event.key.startsWith("Arrow") && within(event, OWN_ARROWS)) return;
  if (["Enter", " "].includes(event.key) && within(event, "button, a, summary, [role=button]")) return;
  if (event.key === "Tab" && tabbed(it, event)) return;
  const isPlain = !event.ctrlKey && !event.altKey && !event.metaKey;
  const looks = isPlain && !atEnd(it) && lookingKey(it, event);
  if (looks) {
    consume(event);
    return looks();
  }
  const command = isPlain && commandOf(it, event);
  if (command) return once(it, event, command);
  const meant = atEnd(it) ? null : question.widget.key(question, event);
  if (meant) carryOut(it, event, meant);
  else if (isPlain && !atEnd(it)) scrollReading(it, event);
}

// A key of ours that is held down stays ours, so that nobody else acts on it either.
function once(it, event, meant) {
  consume(event);
  if (!event.repeat) meant(it);
}

// From question to question; from the first or the last one, or from a button, the key leads on as ever.
function tabbed(it, event) {
  if (event.ctrlKey || event.altKey || event.metaKey || within(event, "button, a, summary, [role=button]")) return false;
  if (!turn(it, event.shiftKey ? -1 : 1)) return false;
  consume(event);
  rest(it);
  return true;
}

function commandOf(it, event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const question = asked(it);
  const command = question.commands.find((one) => one.key === key);
  if (!command || (command.optional && !question.widget.hints(question).includes(command.act))) return null;
  return command.act === "undo" && event.shiftKey ? COMMANDS.redo : COMMANDS[command.act];
}

// Streamlit takes the elements out and puts them back when a connection is mended. A key pressed meanwhile was meant for
// the item that was seen, or for the note that was being typed.
function isAway(it) {
  const mayComeBack = performance.now() - it.gone < PUT_BACK_WITHIN || !isConnected() || isRunning();
  return it.data && !it.isLeft && location.pathname === it.path && mayComeBack;
}

function awayKey(it, event) {
  if (within(event, TYPING + ", [role=dialog]")) return;
  if (it.note?.isTyping) return awayNoteKey(it, event);
  if (event.ctrlKey || event.altKey || event.metaKey || atEnd(it) || it.seen !== row(it).step) return;
  const question = asked(it);
  const meant = question.widget.away(question, event) ?? question.widget.key(question, event);
  if (meant) carryOut(it, event, meant);
  else if (event.key === "Enter" && !within(event, "button, a, summary, [role=button]")) once(it, event, accept);
}

function awayNoteKey(it, event) {
  const note = it.note;
  if (event.key === "Enter" || event.key === "Escape") {
    consume(event);
    return leaveNote(it);
  }
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const from = note.caret;
  if (event.key.length === 1) insert(it, from, from, event.key);
  else if (event.key === "Backspace") insert(it, Math.max(from - 1, 0), from, "");
  else return;
  consume(event);
}

function insert(it, from, to, words) {
  const { note } = it;
  note.text = note.text.slice(0, from) + words + note.text.slice(to);
  note.caret = from + words.length;
  keepDraft(it);
}

// What is typed never leaves the field: the page around has single-letter shortcuts of its own.
function noteKey(it, event) {
  const done = event.key === "Escape" || event.key === "Enter";
  if (!done) return event.stopImmediatePropagation();
  consume(event);
  if (event.repeat) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) accept(it);
  rest(it);
}

function fieldKey(it, event) {
  if (event.key === "Tab" && tabbed(it, event)) return;
  const question = asked(it);
  const meant = question.widget.typed(question, event);
  if (meant) carryOut(it, event, meant);
  else event.stopImmediatePropagation();
}

// What a widget makes of a key or a click: a `value` to give, an `edit` of the one being put together, or what is `typed`
// of it, `accept`, or a label that is `gone`, or words to `say`; without any of these it was for the widget alone. With `stay` the focus stays
// where it is; what `repeats` does so while its key is held.
function carryOut(it, event, meant) {
  consume(event);
  if (!event.repeat || meant.repeats) carry(it, meant);
}

export function carry(it, meant) {
  if ("value" in meant) decide(it, meant.value);
  else if ("edit" in meant) change(it, meant.edit);
  else if ("typed" in meant) typeEdit(it, meant.typed);
  else if ("gone" in meant) isRemoved(it, meant.gone);
  else if (meant.accept) accept(it);
  else stir(it, meant.say);
  if (!meant.stay) rest(it);
}

function overlayKey(it, event) {
  if (event.key === "Escape") {
    consume(event);
    closeSheet(it);
  } else if (event.key === "Tab") {
    consume(event);
    part(it, "close").focus();
  } else event.stopImmediatePropagation();
}

// Esc closes what a field has open, as ever; where nothing is open, it leads back to the item.
function comeBack(it, event) {
  const isOpen = within(event, "[aria-expanded=true], [role=dialog]");
  if (event.key !== "Escape" || isOpen) return;
  consume(event);
  rest(it);
}

function scrollReading(it, event) {
  const box = part(it, "reading");
  if (box.scrollHeight <= box.clientHeight + 1 || within(event, "button, a, summary")) return;
  const page = box.clientHeight * 0.85;
  const by = { ArrowDown: 48, ArrowUp: -48, PageDown: page, PageUp: -page, " ": event.shiftKey ? -page : page };
  if (!(event.key in by)) return;
  consume(event);
  box.scrollTop += by[event.key];
}
