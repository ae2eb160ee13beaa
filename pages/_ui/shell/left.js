// What was typed and never arrived, where something else is kept by now: neither may take the other's place unasked, so it
// is shown, and somebody takes it or is rid of it.

const SHOWN = 90;

// `left`: `title` of the field, `words` of it, `at`, and `isReplaced` where it stood there until something else was taken.
export function offer(bar, left, take, drop) {
  bar.hidden = !left;
  if (!left) return bar.replaceChildren();
  const said = document.createElement("span");
  const when = new Date(left.at).toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  said.textContent = left.isReplaced
    ? `${left.title}: this was here before: “${left.words}”`
    : `${left.title}: this was typed on ${when} and did not arrive, and something else was kept since: “${left.words}”`;
  bar.setAttribute("role", "status");
  bar.replaceChildren(said, choiceOf(left.isReplaced ? "Restore it" : "Use it", take), choiceOf("Discard", drop));
}

// The first words that the other does not have.
export function firstWords(text, other) {
  let same = 0;
  while (same < text.length && text[same] === other[same]) same++;
  const start = same < text.length ? text.lastIndexOf(" ", same) + 1 : 0;
  const part = text.slice(start).trim();
  return `${start ? "… " : ""}${part.slice(0, SHOWN)}${part.length > SHOWN ? " …" : ""}`;
}

function choiceOf(text, act) {
  const choice = document.createElement("button");
  choice.type = "button";
  choice.textContent = text;
  choice.onclick = act;
  return choice;
}
