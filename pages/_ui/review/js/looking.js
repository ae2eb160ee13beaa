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

export function listenToPicture(frame) {
  frame.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoomBy(frame, event.deltaY < 0 ? CLOSER : 1 / CLOSER, placeIn(frame, event));
  }, { passive: false });
  frame.ondblclick = (event) => zoomBy(frame, viewOf(frame).scale > 1 ? 1 / CLOSEST : 3, placeIn(frame, event));
  frame.onpointerdown = (event) => event.button === 0 && frame.setPointerCapture(event.pointerId);
  frame.onpointermove = (event) => frame.hasPointerCapture(event.pointerId) && panBy(frame, event.movementX, event.movementY);
}

const frameOf = (it) => part(it, "reading").querySelector(".picture > img")?.parentNode;
const playerOf = (it) => part(it, "reading").querySelector("audio, video");

export function zoomIn(it) {
  if (frameOf(it)) zoomBy(frameOf(it), CLOSER);
}

export function playOrPause(it) {
  const playing = playerOf(it);
  if (!playing) return;
  if (playing.paused) playing.play().catch(() => {});
  else playing.pause();
}

function skipBy(playing, seconds) {
  playing.currentTime = Math.max(0, playing.currentTime + seconds);
}

// What a key does to what is looked at or heard: nothing where a label has it, or the widget uses it itself.
export function lookingKey(it, event) {
  if (asked(it).byKey.has(event.key)) return null;
  const [frame, playing] = [frameOf(it), playerOf(it)];
  const further = { ">": 1, "<": -1 }[event.key];
  if (further && playing && !(frame && playing.paused)) return () => skipBy(playing, further * SECONDS);
  if (further && frame) return () => zoomBy(frame, further > 0 ? CLOSER : 1 / CLOSER);
  if (asked(it).widget.edits && asked(it).widget.read) return null;
  if (event.key === " " && playing && !event.shiftKey) return () => playOrPause(it);
  const way = event.shiftKey && frame && viewOf(frame).scale > 1 && WAYS[event.key];
  return way ? () => panBy(frame, ...way) : null;
}

const WAYS = { ArrowLeft: [PAN, 0], ArrowRight: [-PAN, 0], ArrowUp: [0, PAN], ArrowDown: [0, -PAN] };
