// The label table as the browser holds it: what stands in it, what of it the server has not confirmed, and what a tab that
// was closed, reloaded or cut off left of it.

import { erase, forget, leftBehind, recall, remember, setAside, wasSeen, withSeen } from "../shell/held.js";
import { isConnected } from "../shell/network.js";
import { createOutbox, number, schedule } from "../shell/outbox.js";

export const PAUSE = 120;
export const FIELDS = ["name", "description", "score", "color", "key"];

export function holdTable(data) {
  const table = {
    place: data.place,
    rows: data.rows.map((row) => ({ ...row })),
    fallback: { ...data.fallback },
    seen: withSeen([], spelled(data)),
  };
  // Put down again while it waits, so that no other tab takes it for left behind.
  table.outbox = createOutbox(PAUSE, () => said(table), () => keep(table));
  table.outbox.seq = data.confirmed;
  takeBack(table);
  for (const left of leftBehind(table.place)) takeOver(table, left);
  return table;
}

// What this tab held when it was reloaded or cut off, or when the table was filled with something else.
function takeBack(table) {
  const own = recall(table.place);
  if (!own) return;
  const isThere = own.seq <= table.outbox.seq || spelled(own) === spelled(table);
  if (!isThere && wasSeen(own.seen, spelled(table))) return goOnWith(table, own);
  if (!isThere) setAside(table.place, { rows: own.rows, fallback: own.fallback, at: own.at });
  forget(table.place);
}

function takeOver(table, { key, said }) {
  const isThere = !said.rows || spelled(said) === spelled(table);
  const isFitting = !table.outbox.isPending && wasSeen(said.seen, spelled(table));
  if (!isThere && !isFitting) return;
  if (!isThere) {
    goOnWith(table, said);
    keep(table);
  }
  erase(key);
}

function goOnWith(table, { rows, fallback, seq, seen }) {
  Object.assign(table, { rows, fallback, seen });
  Object.assign(table.outbox, { seq: Math.max(seq, table.outbox.seq + 1), isPending: true });
}

// A table as the server writes it down, whatever blanks were typed.
function spelled({ rows, fallback }) {
  const words = (row) => FIELDS.map((field) => `${row[field] ?? ""}`.trim());
  const spell = (row) => [row.id ?? null, ...words(row).map((word, at) => (FIELDS[at] === "color" ? word.toUpperCase() : word))];
  const isFilled = (row) => row.id || row.name?.trim() || row.description?.trim() || row.key?.trim() || row.score?.trim();
  return JSON.stringify([...rows.filter(isFilled).map(spell), words(fallback)]);
}

export function changed(table) {
  number(table.outbox);
  if (isConnected()) table.seen = withSeen(table.seen, spelled(table)); // it may arrive, and never be confirmed
  keep(table);
  schedule(table.outbox);
}

function keep({ place, rows, fallback, outbox, seen }) {
  remember(place, { rows, fallback, seq: outbox.seq, seen });
}

function said(table) {
  table.seen = withSeen(table.seen, spelled(table));
  return { rows: table.rows, fallback: table.fallback };
}
