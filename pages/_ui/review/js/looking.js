// Pictures are looked at closely, sounds and films are played, by mouse and by key.

import { asked, part } from "./sitting.js";

const CLOSEST = 16;
const CLOSER = 1.5;
const SECONDS = 3;
const PAN = 60;
const viewsOf = new WeakMap();

// How a picture lies in its frame: `scale` 1 fits it, `x` and `y` are where its corner is.
function viewOf(frame) {
  if (!viewsOf.has(frame)) viewsOf.set(frame, { scale: 1, x: 0, y: 0 });
  return viewsOf.get(frame);
}

function layIn(frame, { scale, x, y }) {
  const { clientWidth: width, clientHeight: height } = frame;
  const within = (at, size) => Math.min(0, Math.max(at, size - size * scale));
  const view = { scale, x: within(x, width), y: within(y, height) };
  viewsOf.set(frame, view);
  frame.firstChild.style.transform = scale === 1 ? "" : `translate(${view.x}px, ${view.y}px) scale(${scale})`;
  frame.toggleAttribute("data-zoomed", scale !== 1);
}

// What is under the pointer, or in the middle, stays where it is.
function zoomBy(frame, by, at = { x: frame.clientWidth / 2, y: frame.clientHeight / 2 }) {
  const view = viewOf(frame);
  const scale = Math.min(CLOSEST, Math.max(1, view.scale * by));
  const kept = scale / view.scale;
  layIn(frame, { scale, x: at.x - (at.x - view.x) * kept, y: at.y - (at.y - view.y) * kept });
}

function panBy(frame, dx, dy) {
  const view = viewOf(frame);
  layIn(frame, { ...view, x: view.x + dx, y: view.y + dy });
}

function placeIn(frame, event) {
  const box = frame.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

const listenedTo = new WeakSet();

export function listenToPicture(frame) {
  if (listenedTo.has(frame)) return;
  listenedTo.add(frame);
  frame.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoomBy(frame, event.deltaY < 0 ? CLOSER : 1 / CLOSER, placeIn(frame, event));
  }, { passive: false });
  frame.ondblclick = (event) => zoomBy(frame, viewOf(frame).scale > 1 ? 1 / CLOSEST : 3, placeIn(frame, event));
  frame.onpointerdown = (event) => event.button === 0 && frame.setPointerCapture(event.pointerId);
  frame.onpointermove = (event) => frame.hasPointerCapture(event.pointerId) && panBy(frame, event.movementX, event.movementY);
}

// Keys act on all pictures of an item alike, so that two can be compared at the same place.
const framesOf = (it) => [...part(it, "reading").querySelectorAll(".picture > img")].map((one) => one.parentNode);
const playersOf = (it) => [...part(it, "reading").querySelectorAll("audio, video")];

export function zoomIn(it) {
  for (const frame of framesOf(it)) zoomBy(frame, CLOSER);
}

// Of several the one that plays; else the one played last, and once that is at its end the next.
function playerOf(it) {
  const players = playersOf(it);
  const going = players.find((one) => !one.paused);
  if (going) return going;
  const last = players.indexOf(it.played);
  return players[players[last]?.ended ? (last + 1) % players.length : Math.max(last, 0)];
}

function startPlaying(it, player) {
  it.played = player;
  player.play().catch(() => {});
}

export function playOrPause(it) {
  const player = playerOf(it);
  if (!player) return;
  if (player.paused) startPlaying(it, player);
  else player.pause();
}

function playNext(it) {
  const players = playersOf(it);
  const now = playerOf(it);
  now.pause();
  const next = players[(players.indexOf(now) + 1) % players.length];
  next.currentTime = 0;
  startPlaying(it, next);
}

// What is drawn anew of the same item is looked at and heard where it was: its pictures and players stay the very same.
export function keepLooks(it) {
  const box = part(it, "reading");
  const nodes = [...box.querySelectorAll(".picture, .sound, .film")].filter((one) => one.firstChild?.src);
  const kept = new Map(nodes.map((one) => [one.firstChild.src, [one, one.firstChild.paused === false]]));
  const open = new Set([...box.querySelectorAll("details[open] > summary")].map((one) => one.textContent));
  return () => {
    for (const made of box.querySelectorAll(".picture, .sound, .film")) {
      const [node, isPlaying] = kept.get(made.firstChild?.src) ?? [];
      if (!node) continue;
      kept.delete(made.firstChild.src);
      made.replaceWith(node);
      if (isPlaying) startPlaying(it, node.firstChild);
    }
    for (const fold of box.querySelectorAll("details")) if (open.has(fold.firstChild.textContent)) fold.open = true;
  };
}

function skipBy(playing, seconds) {
  playing.currentTime = Math.max(0, playing.currentTime + seconds);
}

// What a key does to what is looked at or heard: nothing where a label has it, or the widget uses it itself.
export function lookingKey(it, event) {
  if (asked(it).byKey.has(event.key)) return null;
  const [frames, playing] = [framesOf(it), playerOf(it)];
  const further = { ">": 1, "<": -1 }[event.key];
  if (further && playing && !(frames.length && playing.paused)) return () => skipBy(playing, further * SECONDS);
  if (further && frames.length) return () => frames.forEach((one) => zoomBy(one, further > 0 ? CLOSER : 1 / CLOSER));
  if (asked(it).widget.edits && asked(it).widget.read) return null;
  if (event.key === " " && playing && !event.shiftKey) return () => playOrPause(it);
  if (event.key === " " && playersOf(it).length > 1) return () => playNext(it);
  const near = frames.filter((one) => viewOf(one).scale > 1);
  const way = event.shiftKey && near.length && WAYS[event.key];
  return way ? () => near.forEach((one) => panBy(one, ...way)) : null;
}

const WAYS = { ArrowLeft: [PAN, 0], ArrowRight: [-PAN, 0], ArrowUp: [0, PAN], ArrowDown: [0, -PAN] };
