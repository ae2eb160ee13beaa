// What was changed from one text to another, word by word.

const MOST_CELLS = 4_000_000; // So many pairs of words are compared: a text of thousands of words, changed throughout.

// Runs of words as [sort, text]: "same", "gone" (in the first text alone) or "new" (in the second alone).
export function wordDiff(before, after) {
  const own = diffWords(before);
  const other = diffWords(after);
  let start = 0;
  while (start < own.length && start < other.length && own[start] === other[start]) start += 1;
  let end = 0;
  const shortest = Math.min(own.length, other.length) - start;
  while (end < shortest && own[own.length - 1 - end] === other[other.length - 1 - end]) end += 1;
  const runs = [];
  addRun(runs, "same", own.slice(0, start));
  diffMiddle(runs, own.slice(start, own.length - end), other.slice(start, other.length - end));
  addRun(runs, "same", own.slice(own.length - end));
  return runs;
}

// Words, white space and signs, each by itself.
const diffWords = (text) => text.match(/[\p{L}\p{M}\p{N}_'’]+|\s+|[^\p{L}\p{M}\p{N}_'’\s]/gu) ?? [];

function addRun(runs, sort, words) {
  if (!words.length) return;
  const last = runs.at(-1);
  if (last?.[0] === sort) last[1] += words.join("");
  else runs.push([sort, words.join("")]);
}

// The longest words in common stand; of too many words to compare, all that is between is taken as changed.
function diffMiddle(runs, own, other) {
  if (!own.length || !other.length || own.length * other.length > MOST_CELLS) {
    addRun(runs, "gone", own);
    addRun(runs, "new", other);
    return;
  }
  const width = other.length + 1;
  const common = new Uint32Array((own.length + 1) * width);
  for (let i = own.length - 1; i >= 0; i -= 1) {
    for (let j = other.length - 1; j >= 0; j -= 1) {
      const at = i * width + j;
      common[at] = own[i] === other[j] ? common[at + width + 1] + 1 : Math.max(common[at + width], common[at + 1]);
    }
  }
  let [i, j] = [0, 0];
  while (i < own.length || j < other.length) {
    const at = i * width + j;
    if (i < own.length && j < other.length && own[i] === other[j]) addRun(runs, "same", [own[i++]]), (j += 1);
    else if (j >= other.length || (i < own.length && common[at + width] >= common[at + 1])) addRun(runs, "gone", [own[i++]]);
    else addRun(runs, "new", [other[j++]]);
  }
}

const KEPT_BESIDE = 70; // So many characters of what is unchanged stand beside a change.

// The runs with what is long and unchanged cut down to its ends: "folded" says how much is left out.
export function foldedRuns(runs) {
  return runs.flatMap((run, place) => {
    const [sort, text] = run;
    if (sort !== "same" || text.length <= 3 * KEPT_BESIDE) return [run];
    const head = place > 0 ? text.slice(0, text.lastIndexOf(" ", KEPT_BESIDE) + 1 || KEPT_BESIDE) : "";
    const from = text.indexOf(" ", text.length - KEPT_BESIDE);
    const tail = place < runs.length - 1 ? text.slice(from < 0 ? text.length - KEPT_BESIDE : from) : "";
    const hidden = text.slice(head.length, text.length - tail.length);
    return [["same", head], ["folded", foldedWords(hidden)], ["same", tail]].filter(([, words]) => words);
  });
}

function foldedWords(text) {
  const lines = text.split("\n").length - 1;
  const words = text.trim().split(/\s+/).length;
  return lines > 1 ? `${lines} unchanged lines` : `${words} unchanged words`;
}
