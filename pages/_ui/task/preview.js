// One item as review shows it: its text, and each label with its key. Everything is written as text.

import { make } from "../shell/cells.js";
import { partNode } from "../words/parts.js";

export default function ({ parentElement, data }) {
  const reading = make("div", "reading");
  const asText = (value) => make("div", "text", value);
  const parts = data.parts.map((part) => partNode(part, part.url, asText));
  reading.append(...(parts.length ? parts : [asText(data.text)]));
  const choices = make("div", "choices");
  choices.append(...data.choices.map(offered));
  parentElement.querySelector(".preview").replaceChildren(reading, choices);
}

function offered({ name, color, key, about }) {
  const one = make("span", "choice");
  one.style.setProperty("--c", color || "var(--quiet)");
  one.title = about || name;
  if (key) one.append(make("kbd", "", key));
  one.append(make("span", "", name));
  return one;
}
