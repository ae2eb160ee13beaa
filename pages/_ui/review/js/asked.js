// The questions that are asked of each item. Each is a view of the sitting: what it has not itself, it reads there; and
// what a widget keeps while its question is in view, it keeps in the view.

import { deal } from "./deal.js";

// A step is one question of one item: its name says which of both.
export const stepOf = (item, project) => `${item} ${project}`;
export const namesOfStep = (step) => step.split(" ").map(Number);

// The rows of all questions, item by item, in the order in which they are asked.
export const stepsOf = ({ rows, questions }) =>
  rows.flatMap((item, place) => questions.map((asked, question) =>
    ({ ...item, ...asked.rows[place], step: stepOf(item.id, asked.project), question, place })));

// The questions as they are given, on the views there were; those that were shown keep their labels' keys and places.
export function lay(it, data, isKept) {
  const before = it.questions ?? [];
  it.questions = data.questions.map((given) => {
    const known = before.find((one) => one.project === given.project);
    const { rows, ...said } = given;
    const choices = deal(known && isKept ? known.choices : null, given.choices, data.keys);
    const view = Object.assign(known ?? Object.create(it), said, { widget: it.widgets[given.widget] });
    dealLabels(view, given, choices);
    return view;
  });
}

function dealLabels(view, given, choices) {
  const kept = choices.filter((choice) => !choice.removed);
  view.choices = choices;
  view.byId = new Map(kept.filter((choice) => choice.id !== null).map((choice) => [choice.id, choice]));
  // A label that was merged away is the one that took its place.
  for (const [old, id] of given.merged) if (view.byId.has(id)) view.byId.set(old, view.byId.get(id));
  view.byName = new Map(kept.map((choice) => [choice.name, choice]));
  view.removedNames = new Map(given.removed ?? []);
  view.byKey = new Map(choices.filter((choice) => choice.key).map((choice) => [choice.key, choice]));
}
