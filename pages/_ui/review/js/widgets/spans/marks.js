// Sets of marks, as they are stored: [start, end, label] in code points, in order, each once.

import { present, row } from "../../sitting.js";

export const orderedMarks = (marks) => {
  const sorted = [...marks].sort((one, other) => one[0] - other[0] || one[1] - other[1] || one[2] - other[2]);
  return sorted.filter((mark, at) => !at || !isSameMark(mark, sorted[at - 1]));
};

export const isSameMark = (one, other) => one.every((part, at) => part === other[at]);
export const ownMarks = (it) => present(it) ?? [];
export const isMine = (it, mark) => ownMarks(it).some((one) => isSameMark(one, mark));
export const withoutMark = (marks, mark) => marks.filter((one) => !isSameMark(one, mark));

// The marks with one more, or the one in its way where they may not overlap. Another label on the very same words takes
// the place of the one before.
export function withMark(marks, mark, mayOverlap) {
  if (mayOverlap) return { marks: orderedMarks([...marks, mark]) };
  const others = marks.filter(([start, end]) => start !== mark[0] || end !== mark[1]);
  const inTheWay = others.find(([start, end]) => start < mark[1] && mark[0] < end);
  return inTheWay ? { inTheWay } : { marks: orderedMarks([...others, mark]) };
}

// All marks that are shown, in order, each with who made it: -1 for the reviewer, else the place of the opinion.
export function allMarks(it) {
  const own = ownMarks(it).map((mark) => ({ by: -1, mark }));
  const others = it.blind ? [] : row(it).opinions.flatMap((one, by) => (one.value ?? []).map((mark) => ({ by, mark })));
  return [...own, ...others.filter(({ mark }) => !isMine(it, mark))].sort(
    (one, other) => one.mark[0] - other.mark[0] || one.mark[1] - other.mark[1] || one.by - other.by,
  );
}
