// Where a cursor may stand: between what a reader takes for characters (an emoji, a letter with its marks, \r\n), and at
// words. Offsets are the browser's. Only the surroundings are looked at, however long the text is.

const CHARACTERS = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const WORDS = new Intl.Segmenter(undefined, { granularity: "word" });
const NEAR = 200;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
const LETTER = /\p{L}/u;

// `by` is 1 or -1.
export function besideCharacter(text, at, by) {
  if (by > 0) return at + (first(CHARACTERS.segment(text.slice(at, at + NEAR)))?.segment.length ?? 0);
  return at - ([...CHARACTERS.segment(text.slice(whole(text, at - NEAR), at))].at(-1)?.segment.length ?? 0);
}

export function besideWord(text, at, by) {
  const from = by > 0 ? at : whole(text, at - NEAR);
  const found = [...WORDS.segment(by > 0 ? text.slice(at, at + NEAR) : text.slice(from, at))];
  const word = by > 0 ? found.find((one) => one.isWordLike) : found.findLast((one) => one.isWordLike);
  if (word) return from + word.index + (by > 0 ? word.segment.length : 0);
  return by > 0 ? Math.min(at + NEAR, text.length) : from;
}

// What is marked by a mouse begins and ends with a word, and white space is no part of it; null where nothing else is.
export function snapped(text, from, to) {
  const ends = trimmed(text, from, to);
  return ends && [wordEdge(text, ends[0], -1), wordEdge(text, ends[1], 1)];
}

export function trimmed(text, from, to) {
  let [start, end] = [from, to];
  while (start < end && /\s/.test(text[start])) start++;
  while (start < end && /\s/.test(text[end - 1])) end--;
  return start === end ? null : [start, end];
}

function wordEdge(text, at, by) {
  const from = whole(text, at - NEAR);
  for (const { index, segment, isWordLike } of WORDS.segment(text.slice(from, at + NEAR))) {
    const [start, end] = [from + index, from + index + segment.length];
    if (isWordLike && start < at && at < end) return by > 0 ? end : start;
    if (start >= at) break;
  }
  return at;
}

// Whether the paragraph runs from right to left, by its first letter, as it is laid out.
export function runsLeft(text, at) {
  const from = text.lastIndexOf("\n", at - 1) + 1;
  return RIGHT_TO_LEFT.test(LETTER.exec(text.slice(from, from + NEAR))?.[0] ?? "");
}

export const isLeftward = (character) => RIGHT_TO_LEFT.test(character);

const whole = (text, at) => (at <= 0 ? 0 : /[\udc00-\udfff]/.test(text[at]) ? at - 1 : at);

function first(segments) {
  for (const one of segments) return one;
  return undefined;
}
