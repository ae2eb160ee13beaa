// What lies over the item when asked for: the guidelines, and the table of keys.

import { chip, directed, make } from "./dom.js";
import { markdown } from "./markdown.js";
import { asked, part } from "./sitting.js";

export function openSheet(it, title, content) {
  part(it, "sheet").setAttribute("aria-label", title);
  part(it, "sheethead").firstElementChild.textContent = title;
  part(it, "sheetbody").replaceChildren(...content);
  part(it, "sheetbody").scrollTop = 0;
  part(it, "overlay").hidden = false;
  part(it, "sheet").focus({ preventScroll: true });
}

export function guidelines(it) {
  const question = asked(it);
  const text = make("div", "guidelines");
  text.append(...markdown(question.guidelines || "No guidelines are written yet."));
  const labels = make("dl", "about");
  for (const choice of question.choices.filter((one) => one.description && !one.removed)) {
    const name = make("dt");
    name.append(chip(choice.name, choice.color));
    labels.append(name, directed(make("dd", "", choice.description)));
  }
  return [text, labels];
}

export function keyTable(it) {
  const question = asked(it);
  const labels = make("dl", "keytable");
  const commands = make("dl", "keytable");
  for (const choice of [...question.byKey.values()].filter((one) => !one.removed)) {
    keyLine(labels, choice.key.toUpperCase(), chip(choice.name, choice.color));
  }
  for (const command of question.commands) {
    if (command.optional && !question.widget.hints(question).includes(command.act)) continue;
    for (const [glyph, what] of command.help) keyLine(commands, glyph, what);
  }
  const both = make("div", "keytables");
  both.append(labels, commands);
  return [both];
}

function keyLine(table, glyph, what) {
  const name = make("dt");
  if (glyph) name.append(make("kbd", "", glyph));
  const means = make("dd");
  means.append(what);
  table.append(name, means);
}
