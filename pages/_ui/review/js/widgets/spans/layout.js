// Where a text's characters are on the screen. The text is plain and never changes while it is marked: marks are boxes
// behind it, so that nothing moves and a key costs the same however many there are.

import { make } from "../../dom.js";
import { pieces } from "../../reading.js";
import { besideCharacter, isLeftward } from "./words.js";

const DRAWN_AT_ONCE = 20000;

const BETWEEN_TURNS = /(?<=\n\n)(?=(?:System|User|Assistant|Tool): )/;
const SPEAKER = /^(System|User|Assistant|Tool): /;

// Lays the text out in pieces, each with layers for boxes; of a conversation each message is one. `onSeen` is told of a
// piece when it comes into view.
export function layOut(node, text, onSeen, isTalk = false) {
  let from = 0;
  const isHuge = text.length > DRAWN_AT_ONCE;
  const laid = (isHuge ? pieces(text) : isTalk ? text.split(BETWEEN_TURNS) : [text]).map((words) => {
    const piece = { from, to: from + words.length, node: make("div", "piece marked"), text: document.createTextNode(words) };
    piece.layers = Object.fromEntries(["others", "own", "cursor"].map((name) => [name, make("div", `layer of-${name}`)]));
    piece.node.append(...Object.values(piece.layers), piece.text);
    piece.rects = new Map();
    const speaker = isTalk && !isHuge ? SPEAKER.exec(words) : null;
    if (speaker) piece.node.dataset.role = speaker[1].toLowerCase();
    from = piece.to;
    return piece;
  });
  node.replaceChildren(...laid.map((piece) => piece.node));
  node.toggleAttribute("data-huge", isHuge && laid.length > 1);
  if (!isHuge || laid.length === 1) laid.forEach((piece) => (piece.isSeen = true));
  else watchSeen(laid, onSeen);
  return laid;
}

function watchSeen(laid, onSeen) {
  const watcher = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      const piece = laid.find((one) => one.node === target);
      if (!isIntersecting || piece.isSeen) continue;
      piece.isSeen = true;
      watcher.unobserve(target);
      onSeen(piece);
    }
  }, { rootMargin: "600px" });
  for (const piece of laid) watcher.observe(piece.node);
}

export const pieceAt = (laid, at) => laid.find((piece) => at < piece.to) ?? laid.at(-1);

// The boxes of what lies between two offsets within a piece, relative to it; measured once for each width of it.
export function rectsOf(piece, from, to) {
  const key = `${from} ${to}`;
  if (!piece.rects.has(key)) piece.rects.set(key, measured(piece, from, to));
  return piece.rects.get(key);
}

function measured(piece, from, to) {
  const range = document.createRange();
  range.setStart(piece.text, Math.max(from - piece.from, 0));
  range.setEnd(piece.text, Math.min(to - piece.from, piece.text.length));
  const origin = piece.node.getBoundingClientRect();
  return [...range.getClientRects()]
    .filter((rect) => rect.width > 0.5)
    .map(({ left, top, width, height }) => ({ left: left - origin.left, top: top - origin.top, width, height }));
}

// Where a cursor at this offset stands, relative to its piece.
export function cursorRect(text, laid, at) {
  const piece = pieceAt(laid, at);
  const after = besideCharacter(text, at, 1);
  const [behind] = at < piece.to ? rectsOf(piece, at, after) : [];
  if (behind && !/[\r\n]/.test(text[at])) return { piece, rect: behind, left: edge(behind, isLeftward(text[at])) };
  const before = besideCharacter(text, at, -1);
  const last = before >= piece.from && before < at && !/[\r\n]/.test(text[before]) ? rectsOf(piece, before, at).at(-1) : null;
  if (last) return { piece, rect: last, left: edge(last, !isLeftward(text[before])) };
  return { piece, rect: lineStart(piece, at), left: null };
}

const edge = (rect, isRight) => rect.left + (isRight ? rect.width : 0);

// An empty line has no boxes: a range that ends there tells its place.
function lineStart(piece, at) {
  const range = document.createRange();
  range.setStart(piece.text, Math.min(at - piece.from, piece.text.length));
  const origin = piece.node.getBoundingClientRect();
  const rect = range.getClientRects()[0] ?? range.getBoundingClientRect();
  const isNowhere = !rect.height;
  return { left: isNowhere ? 0 : rect.left - origin.left, top: isNowhere ? 0 : rect.top - origin.top, width: 0, height: rect.height || 20 };
}

// The offset on the line above or below, as far along it as `left`; null where there is none.
const FARTHEST = 600;

export function besideLine(text, laid, at, by, left) {
  const start = cursorRect(text, laid, at);
  const top = (one) => one.piece.node.offsetTop + one.rect.top;
  const isBeyond = (one) => (top(one) - top(start)) * by > start.rect.height / 2;
  let [place, best, line] = [at, null, null];
  for (let tried = 0; tried < FARTHEST; tried++) {
    const next = besideCharacter(text, place, by);
    if (next === place) break;
    place = next;
    const here = cursorRect(text, laid, place);
    if (!isBeyond(here)) continue;
    line ??= top(here);
    if ((top(here) - line) * by > here.rect.height / 2) break;
    const off = Math.abs((here.left ?? here.rect.left) - left);
    if (!best || off < best.off) best = { off, place };
  }
  return best ? best.place : null;
}

// The offset at a place of the text that a browser names by a node and how far into it.
export function offsetOf(laid, node, offset) {
  const piece = laid.find((one) => one.text === node || one.node === node);
  if (!piece) return null;
  return node === piece.text ? piece.from + offset : offset ? piece.to : piece.from;
}
