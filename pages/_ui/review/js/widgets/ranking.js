// Rankings as they are put together: groups of ids, the best first, those of one group tied. Each step gives a new one.

export const flat = (value) => value.flat();
export const tidied = (groups) => groups.filter((group) => group.length).map((group) => [...group].sort((a, b) => a - b));
export const without = (value, id) => tidied(value.map((group) => group.filter((one) => one !== id)));
const groupAt = (value, id) => value.findIndex((group) => group.includes(id));

// Behind all others; or tied with the last of them.
export function put(value, id, ties) {
  const rest = without(value, id);
  if (!ties || !rest.length) return [...rest, [id]];
  return tidied([...rest.slice(0, -1), [...rest.at(-1), id]]);
}

// Tied with the place before its own; where it is tied, behind those it is tied with.
export function tie(value, id) {
  const at = groupAt(value, id);
  if (at < 0) return value;
  const rest = without(value, id);
  if (value[at].length > 1) return rest.toSpliced(at + 1, 0, [id]);
  return at ? tidied(rest.with(at - 1, [...rest[at - 1], id])) : value;
}

// Half a place up or down: from a place of its own to one it shares, and from there to one of its own beyond.
export function shifted(value, id, step) {
  const at = groupAt(value, id);
  if (at < 0) return value;
  const rest = without(value, id);
  if (value[at].length > 1) return rest.toSpliced(step < 0 ? at : at + 1, 0, [id]);
  const to = step < 0 ? at - 1 : at;
  return to < 0 || to >= rest.length ? value : tidied(rest.with(to, [...rest[to], id]));
}

// Between places, before the one of this number; or tied with those of a place.
export const placedBefore = (value, id, number) => {
  const at = groupAt(value, id);
  const alone = at >= 0 && value[at].length === 1;
  return without(value, id).toSpliced(alone && at < number ? number - 1 : number, 0, [id]);
};
export function tiedWith(value, id, other) {
  if (id === other) return value;
  return tidied(without(value, id).map((group) => (group.includes(other) ? [...group, id] : group)));
}

// In which order candidates are shown: drawn for each item once and for all.
export function drawn(id, names) {
  const lot = (place) => Math.imul((id + 1) * 31 + place, 0x9e3779b1) >>> 0;
  const mixed = (place) => Math.imul(lot(place) ^ (lot(place) >>> 15), 0x2c1b3c6d) >>> 8;
  return names.map((name, place) => [mixed(place), name]).sort((a, b) => a[0] - b[0]).map(([, name]) => name);
}
