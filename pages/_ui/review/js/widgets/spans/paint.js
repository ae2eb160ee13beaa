// The marks as boxes: the reviewer's own filled, with their names above the line; the others' underlined in the
// annotators' colours, a lane for each, with their names below.

import { make, paint } from "../../dom.js";
import { part, row } from "../../sitting.js";
import { labelOf } from "../by_ids.js";
import { isSameMark, ownMarks } from "./marks.js";
import { cursorRect, rectsOf } from "./layout.js";

const LANES = 6;
const LANE = 13;
const NAME_ABOVE = 15;
const ROOM_FOR_A_NAME = 22;
const MARGIN = 6;

// The lines stand apart as far as the names between them need: the same for all of an item, so that no mark moves a line.
export function spreadLines(it, node) {
  const lanes = Math.min(row(it).opinions.filter((one) => one.value?.length).length, LANES);
  node.style.lineHeight = `calc(1.3em + ${NAME_ABOVE + 3 + lanes * LANE}px)`;
  node.style.setProperty("--lanes", `${lanes * LANE}px`);
}

export function paintOthers(it, piece) {
  const boxes = [];
  if (!it.blind) {
    const givers = row(it).opinions.filter((one) => one.value?.length);
    givers.forEach((giver, lane) => boxes.push(...laneOf(it, piece, giver, lane % LANES)));
  }
  piece.layers.others.replaceChildren(...boxes);
}

function laneOf(it, piece, { value, color }, lane) {
  return placed(it, piece, value).flatMap(({ mark, rects, room }) => {
    const down = (rect) => rect.top + rect.height + 1 + lane * LANE;
    const lines = rects.map((rect) => box("line", color, rect.left, down(rect), rect.width, 2));
    return [...lines, nameTag(it, mark, "below", color, rects[0].left, down(rects[0]) + 2, room)];
  });
}

export function paintOwn(it, piece) {
  const focused = it.marking.focused?.mark;
  const boxes = placed(it, piece, ownMarks(it)).flatMap(({ mark, rects, room }) => {
    const { color } = labelOf(it, mark[2]);
    const fills = rects.map((rect) => box("fill", color, rect.left, rect.top, rect.width, rect.height));
    if (focused && isSameMark(mark, focused)) fills.forEach((fill) => fill.setAttribute("data-focused", ""));
    return [...fills, nameTag(it, mark, "above", color, rects[0].left, rects[0].top - NAME_ABOVE, room)];
  });
  piece.layers.own.replaceChildren(...boxes);
}

// The marks that lie in a piece, each with its boxes and the room its name has before the next one's.
function placed(it, piece, marks) {
  const { points } = it.marking;
  const found = marks
    .map((mark) => ({ mark, from: points.unit(mark[0]), to: points.unit(mark[1]) }))
    .filter(({ from, to }) => from < piece.to && to > piece.from)
    .map((one) => ({ ...one, rects: rectsOf(piece, one.from, one.to) }))
    .filter(({ rects }) => rects.length);
  // The last name on a line may stand in the margin.
  const width = part(it, "reading").clientWidth - piece.node.offsetLeft + part(it, "reading").offsetLeft - MARGIN;
  const isOnLine = (one, other) => Math.abs(one.rects[0].top - other.rects[0].top) < 3;
  found.forEach((one, at) => {
    const next = found.slice(at + 1).find((other) => isOnLine(one, other) && other.rects[0].left > one.rects[0].left);
    one.room = (next ? next.rects[0].left : width) - one.rects[0].left - 2;
  });
  return found;
}

// Where a name has no room its key stands for it.
function nameTag(it, mark, where, color, left, top, room) {
  const { name, key } = labelOf(it, mark[2]);
  const tag = make("span", `tag ${where}`, room < ROOM_FOR_A_NAME ? (key || name.slice(0, 1)).toUpperCase() : name);
  paint(tag, color);
  Object.assign(tag.style, { left: `${left}px`, top: `${top}px`, maxWidth: `${Math.max(room, 9)}px` });
  return tag;
}

export function paintCursor(it) {
  const { text, laid, anchor, focus, focused, points } = it.marking;
  const [from, to] = [Math.min(anchor, focus), Math.max(anchor, focus)];
  for (const piece of laid) {
    const boxes = piece.isSeen && from < piece.to && to > piece.from && from < to
      ? rectsOf(piece, from, to).map((rect) => box("chosen", "", rect.left, rect.top, rect.width, rect.height)) : [];
    if (boxes.length || piece.layers.cursor.childElementCount) piece.layers.cursor.replaceChildren(...boxes);
  }
  if (focused && focused.by >= 0) outline(it, points.unit(focused.mark[0]), points.unit(focused.mark[1]));
  const { piece, rect, left } = cursorRect(text, laid, focus);
  piece.layers.cursor.append(box("caret", "", (left ?? rect.left) - 1, rect.top, 2, rect.height));
}

function outline(it, from, to) {
  for (const piece of it.marking.laid.filter((one) => from < one.to && to > one.from)) {
    const boxes = rectsOf(piece, from, to).map((rect) => box("looked-at", "", rect.left, rect.top, rect.width, rect.height));
    piece.layers.cursor.append(...boxes);
  }
}

function box(kind, color, left, top, width, height) {
  const node = make("i", `box ${kind}`);
  paint(node, color);
  Object.assign(node.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
  return node;
}
