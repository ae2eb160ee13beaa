// What is typed, on its way to the server: numbered, sent after a pause, and sent again until the server has it.
//
// Every message carries all that is held, so messages may overtake or replace each other.

import { AGAIN, unsent } from "./held.js";
import { isLeaving, whenAtRest } from "./network.js";

// `say` gives what is held; `hold` is told that it still is, before it is sent again.
export function createOutbox(pause, say, hold = () => {}) {
  return { pause, say, hold, seq: 0, isPending: false, timer: null, root: null, transmit: null };
}

// Where it is drawn now, and the way to the server from there. Returns whether it was drawn elsewhere before.
export function attach(outbox, place, root, transmit) {
  outbox.transmit = transmit;
  if (outbox.root === root) return false;
  outbox.root = root;
  unsent.set(place, { isPending: () => outbox.isPending && outbox.root.isConnected, send: () => flush(outbox) });
  return true;
}

// Something was typed: from now on it waits to be sent. No number comes twice, whatever was sent before a reload.
export function number(outbox) {
  outbox.seq = Math.max(outbox.seq + 1, Date.now());
  outbox.isPending = true;
}

export function schedule(outbox, pause = outbox.pause) {
  stop(outbox);
  outbox.timer = setTimeout(() => flush(outbox), pause);
}

export function flush(outbox) {
  stop(outbox);
  if (!outbox.isPending) return;
  outbox.timer = setTimeout(() => whenAtRest(outbox, outbox.pause, again), AGAIN);
  if (!isLeaving()) outbox.transmit({ seq: outbox.seq, ...outbox.say() });
}

function again(outbox) {
  if (!outbox.isPending) return;
  outbox.hold();
  flush(outbox);
}

// The server says up to which number it has everything. Returns whether that settles what was waited for.
export function confirm(outbox, confirmed) {
  if (!outbox.isPending || outbox.seq > confirmed) return false;
  settle(outbox);
  return true;
}

export function settle(outbox) {
  outbox.isPending = false;
  stop(outbox);
}

function stop(outbox) {
  clearTimeout(outbox.timer);
  outbox.timer = null;
}
