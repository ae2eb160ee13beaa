// Offsets: what is stored counts code points, what a browser does counts UTF-16.

// `unit` and `point` lead from one to the other; an offset within a character is that behind it.
export function pointsOf(text) {
  if (!/[\ud800-\udfff]/.test(text)) return { length: text.length, unit: (point) => point, point: (unit) => unit };
  const units = [];
  for (let at = 0; at < text.length; at += text.codePointAt(at) > 0xffff ? 2 : 1) units.push(at);
  units.push(text.length);
  const unit = (point) => units[Math.min(point, units.length - 1)];
  return { length: units.length - 1, unit, point: (at) => firstFrom(units, at) };
}

function firstFrom(sorted, least) {
  let [from, to] = [0, sorted.length - 1];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (sorted[middle] < least) from = middle + 1;
    else to = middle;
  }
  return from;
}
