// The widget for marks in the text. Its value is a set of [start, end, label], as it is stored: in code points. The marks
// of all annotators stand in the text; a mark is made by choosing words, by mouse or cursor, and a label, in either order.

import { chip, make } from "../dom.js";
import { atEnd, isShown, part, row } from "../sitting.js";
import { labelOf, valuesByIds } from "./by_ids.js";
import { labelButtons } from "./labels.js";
import { besideLine, cursorRect, layOut } from "./spans/layout.js";
import { allMarks, isMine, orderedMarks, ownMarks, withMark, withoutMark } from "./spans/marks.js";
import { listenToMouse } from "./spans/mouse.js";
import { paintCursor, paintOthers, paintOwn, spreadLines } from "./spans/paint.js";
import { pointsOf } from "./spans/points.js";
import { besideCharacter, besideWord, runsLeft, trimmed } from "./spans/words.js";

export const spansWidget = {
  ...labelButtons,
  ...valuesByIds(
    (value) => value.map(([, , label]) => label),
    (value, now) => orderedMarks(value.map(([start, end, label]) => [start, end, now(label)])),
  ),
  told: "Marked",
  edits: true,
  nothing: [],
  read(it, node, now) {
    if (it.marking?.id !== now.id || it.marking.text !== now.text) it.marking = begun(now);
    const { marking } = it;
    const isTalk = now.parts.some((one) => one.name === "" && one.show === "conversation");
    marking.laid = layOut(node, now.text, (piece) => paintPiece(it, piece), isTalk);
    spreadLines(it, node);
    listenToMouse(it, node, { choose: (from, to, raw) => chosen(it, from, to, raw), look: (at) => lookAt(it, at) });
    watchWidth(it, node);
    Object.assign(marking, { painted: null, isBlind: null });
  },
  show(it) {
    labelButtons.show(it);
    const { marking } = it;
    const own = ownMarks(it);
    if (marking.focused?.by === -1 && !isMine(it, marking.focused.mark)) marking.focused = null;
    const painted = JSON.stringify([own, marking.focused]);
    for (const piece of marking.laid.filter((one) => one.isSeen)) {
      if (marking.isBlind !== it.blind) paintOthers(it, piece);
      if (marking.painted !== painted) paintOwn(it, piece);
    }
    Object.assign(marking, { painted, isBlind: it.blind });
    paintCursor(it);
    for (const [place, choice] of it.choices.entries()) {
      it.buttons[place].setAttribute("aria-pressed", String(choice.id === marking.armed));
    }
  },
  key(it, event) {
    const step = STEPS[event.key];
    if (step) return moved(it, event, step);
    if (event.ctrlKey || event.altKey || event.metaKey) return undefined;
    if (event.key === "Delete" || event.key === "Backspace") return removed(it);
    if (event.key === " ") return event.shiftKey ? takenAll(it) : takenOne(it);
    if (event.key === "Escape") return calm(it), { stay: true };
    return labelButtons.key.call(this, it, event);
  },
  pick(it, choice) {
    const label = it.byId.get(choice.id);
    if (!label) return { gone: choice.name };
    const { marking } = it;
    if (marking.anchor !== marking.focus) return markedChosen(it, label.id);
    if (marking.focused) return relabelled(it, label.id);
    marking.armed = marking.armed === label.id ? null : label.id;
    return { say: marking.armed ? `Next mark: ${label.name}` : "No label chosen" };
  },
  command(it, name) {
    return { next: () => toMark(it, 1), take: () => takenOne(it), remove: () => removed(it) }[name]();
  },
  // The words as the mouse took them, before they were made whole.
  unsnap(it) {
    const { marking } = it;
    if (!marking.raw || !isShown(it)) return false;
    [marking.anchor, marking.focus] = marking.raw;
    marking.raw = null;
    return true;
  },
  describe(it, value) {
    const chips = make("span", "chips");
    const all = [...counted(value)];
    for (const [id, count] of all.slice(0, MOST_CHIPS)) {
      const one = chip(labelOf(it, id).name, labelOf(it, id).color);
      if (count > 1) one.append(make("b", "", ` ×${count}`));
      chips.append(one);
    }
    if (all.length > MOST_CHIPS) chips.append(make("span", "none", `and ${all.length - MOST_CHIPS} more labels`));
    if (!value.length) chips.append(make("span", "nothing", "no mark"));
    return chips;
  },
  words(it, value) {
    if (value === null) return "";
    return [...counted(value)].map(([id, count]) => labelOf(it, id).name + (count > 1 ? ` ×${count}` : "")).join(", ") || "no mark";
  },
  refuses: () => "",
  hints: (it) => [...labelButtons.hints(it), "nothing", "next", "take", "remove"],
};

const MOST_CHIPS = 4;

const STEPS = {
  ArrowLeft: ["beside", -1], ArrowRight: ["beside", 1], ArrowUp: ["line", -1], ArrowDown: ["line", 1],
  Home: ["edge", -1], End: ["edge", 1],
};

const begun = (now) => ({
  id: now.id, text: now.text, points: pointsOf(now.text), anchor: 0, focus: 0, focused: null, armed: null, raw: null,
});

function counted(value) {
  const counts = new Map();
  for (const [, , label] of value) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

function paintPiece(it, piece) {
  paintOthers(it, piece);
  paintOwn(it, piece);
}

function watchWidth(it, node) {
  let width = node.clientWidth;
  it.widthWatcher?.disconnect();
  it.widthWatcher = new ResizeObserver(() => {
    if (!isShown(it) || atEnd(it) || part(it, "text") !== node || node.clientWidth === width) return;
    width = node.clientWidth;
    for (const piece of it.marking.laid) {
      piece.rects.clear();
      if (piece.isSeen) paintPiece(it, piece);
    }
    paintCursor(it);
  });
  it.widthWatcher.observe(node);
}

// ---------------------------------------------------------------- the cursor

function moved(it, event, [how, by]) {
  const { marking } = it;
  const isFar = event.ctrlKey || event.altKey || event.metaKey;
  if (how === "line" && isFar) return toMark(it, by);
  const own = event.shiftKey && marking.focused?.by === -1;
  if (!event.shiftKey && marking.focused && how === "beside" && !isFar && turned(it, by)) return seen(it);
  const to = target(it, how, by, isFar);
  if (own) return edgeMoved(it, to);
  marking.focused = null;
  marking.raw = null;
  marking.focus = to;
  if (!event.shiftKey) marking.anchor = to;
  return seen(it);
}

// The first arrow chooses the end of a mark that is to be moved, as it does with chosen words.
function turned(it, by) {
  const { marking } = it;
  const [start, end] = extent(it, marking.focused.mark);
  const wanted = forward(it, start, by) > 0 ? "end" : "start";
  if (marking.focused.edge === wanted) return false;
  marking.focused.edge = wanted;
  marking.anchor = marking.focus = wanted === "end" ? end : start;
  return true;
}

const forward = (it, at, by) => (runsLeft(it.marking.text, at) ? -by : by);
const extent = ({ marking }, [start, end]) => [marking.points.unit(start), marking.points.unit(end)];

function target(it, how, by, isFar) {
  const { text, focus, laid } = it.marking;
  if (how === "beside") {
    const on = forward(it, focus, by);
    return isFar ? besideWord(text, focus, on) : besideCharacter(text, focus, on);
  }
  if (how === "line" && isShown(it)) return besideLine(text, laid, focus, by, columnOf(it)) ?? (by > 0 ? text.length : 0);
  if (isFar) return by > 0 ? text.length : 0;
  const found = by > 0 ? text.indexOf("\n", focus) : text.lastIndexOf("\n", focus - 1) + 1;
  return found < 0 ? text.length : found;
}

// How far along its line the cursor began to go up or down.
function columnOf(it) {
  const { marking } = it;
  if (marking.column?.focus !== marking.focus) {
    const { rect, left } = cursorRect(marking.text, marking.laid, marking.focus);
    marking.column = { left: left ?? rect.left };
  }
  queueMicrotask(() => (marking.column.focus = marking.focus));
  return marking.column.left;
}

function edgeMoved(it, to) {
  const { marking } = it;
  const { mark, edge = "end" } = marking.focused;
  const [start, end] = extent(it, mark);
  const moving = marking.points.point(to);
  const next = edge === "end" ? [mark[0], moving, mark[2]] : [moving, mark[1], mark[2]];
  if (next[0] >= next[1] || (edge === "end" ? to <= start : to >= end)) return { stay: true };
  const found = withMark(withoutMark(ownMarks(it), mark), next, it.options.may_overlap);
  if (found.inTheWay) return inTheWay(it, found.inTheWay);
  marking.focused = { by: -1, mark: next, edge };
  marking.anchor = marking.focus = to;
  return { edit: found.marks, repeats: true };
}

// What was moved to is in view, and drawn.
function seen(it) {
  if (!isShown(it)) return { stay: true };
  spansWidget.show(it);
  const { piece, rect } = cursorRect(it.marking.text, it.marking.laid, it.marking.focus);
  const box = part(it, "reading");
  const top = piece.node.getBoundingClientRect().top + rect.top - box.getBoundingClientRect().top;
  if (top < 30) box.scrollTop += top - 30;
  else if (top + rect.height > box.clientHeight - 40) box.scrollTop += top + rect.height - box.clientHeight + 40;
  return { stay: true, repeats: true };
}

// ---------------------------------------------------------------- marks

function chosen(it, from, to, raw) {
  const { marking } = it;
  Object.assign(marking, { anchor: from, focus: to, raw, focused: null });
  return marking.armed === null ? seen(it) : markedChosen(it, marking.armed);
}

function markedChosen(it, label) {
  const { anchor, focus, text, points } = it.marking;
  const ends = [Math.min(anchor, focus), Math.max(anchor, focus)];
  const [from, to] = (trimmed(text, ...ends) ?? ends).map(points.point);
  return marked(it, [from, to, label]);
}

function marked(it, mark) {
  const found = withMark(ownMarks(it), mark, it.options.may_overlap);
  if (found.inTheWay) return inTheWay(it, found.inTheWay);
  const end = it.marking.points.unit(mark[1]);
  Object.assign(it.marking, { anchor: end, focus: end, raw: null, focused: { by: -1, mark } });
  return { edit: found.marks };
}

function inTheWay(it, [start, end, label]) {
  const { text, points } = it.marking;
  const words = text.slice(points.unit(start), points.unit(end));
  return { say: `Marks may not overlap: ${labelOf(it, label).name} is on “${words.length > 40 ? `${words.slice(0, 40)}…` : words}”` };
}

function relabelled(it, label) {
  const { by, mark } = it.marking.focused;
  const next = [mark[0], mark[1], label];
  const others = by === -1 ? withoutMark(ownMarks(it), mark) : ownMarks(it);
  const found = withMark(others, next, it.options.may_overlap);
  if (found.inTheWay) return inTheWay(it, found.inTheWay);
  it.marking.focused = { by: -1, mark: next };
  return { edit: found.marks };
}

function removed(it) {
  const mark = lookedAt(it, -1);
  if (!mark) return { say: "There is no mark of yours here" };
  it.marking.focused = null;
  return { edit: withoutMark(ownMarks(it), mark) };
}

// The mark that is looked at, or the one the cursor is in: the reviewer's own, or another's.
function lookedAt(it, by) {
  const { focused, focus, points } = it.marking;
  const isWanted = (one) => (by === -1 ? one.by === -1 : one.by >= 0);
  if (focused) return isWanted(focused) ? focused.mark : null;
  const at = points.point(focus);
  return allMarks(it).find((one) => isWanted(one) && one.mark[0] <= at && at <= one.mark[1])?.mark ?? null;
}

function takenOne(it) {
  const mark = lookedAt(it, 0);
  if (!mark) return { say: "There is no mark of another here: Alt ↓ leads to the next" };
  return isMine(it, mark) ? toMark(it, 1) : marked(it, mark);
}

// All of one annotator's, as far as none is in the way: of the one whose mark is looked at, else what is suggested.
function takenAll(it) {
  const { focused } = it.marking;
  const all = focused && focused.by >= 0 ? row(it).opinions[focused.by].value : it.blind ? null : row(it).suggestion;
  if (!all) return { say: "No mark of another is looked at" };
  let marks = ownMarks(it);
  for (const mark of all) marks = withMark(marks, mark, it.options.may_overlap).marks ?? marks;
  it.marking.focused = null;
  return { edit: marks };
}

function toMark(it, by) {
  const all = allMarks(it);
  const { marking } = it;
  if (!all.length) return { say: "There is no mark" };
  const isHere = (one) => marking.focused && one.by === marking.focused.by && one.mark.join() === marking.focused.mark.join();
  const here = all.findIndex(isHere);
  const at = marking.points.point(marking.focus);
  const beyond = by > 0 ? all.findIndex(({ mark }) => mark[0] >= at) : all.findLastIndex(({ mark }) => mark[0] < at);
  const next = here >= 0 ? (here + by + all.length) % all.length : beyond >= 0 ? beyond : by > 0 ? 0 : all.length - 1;
  return look(it, all[next]);
}

// The marks at a place are looked at one after another.
function lookAt(it, at) {
  const point = it.marking.points.point(at);
  const here = allMarks(it).filter(({ mark }) => mark[0] <= point && point < mark[1]);
  const seenLast = here.findIndex(({ by, mark }) => by === it.marking.focused?.by && mark === it.marking.focused.mark);
  if (here.length) return look(it, here[(seenLast + 1) % here.length]);
  Object.assign(it.marking, { anchor: at, focus: at, focused: null, raw: null });
  return seen(it);
}

function look(it, { by, mark }) {
  const [, end] = extent(it, mark);
  Object.assign(it.marking, { focused: { by, mark }, anchor: end, focus: end, raw: null });
  const { name } = labelOf(it, mark[2]);
  return { ...seen(it), say: by === -1 ? `Your mark: ${name}` : `${row(it).opinions[by].annotator}: ${name}` };
}

function calm(it) {
  Object.assign(it.marking, { anchor: it.marking.focus, focused: null, armed: null, raw: null });
  seen(it);
}
