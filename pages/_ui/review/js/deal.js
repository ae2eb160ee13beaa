// The labels as a sitting shows them: what was read on the screen stays true of it. Whoever reads it may be about to press
// a key, or to click a button, while somebody edits the task.

const identity = (choice) => choice.id ?? choice.name;

// Labels that were shown keep their place and their key, whatever they are called by now. A removed one stays in its
// place, marked as removed; one of its name that is new takes its place. New ones come last, with keys nobody had.
export function deal(shown, choices, keys) {
  if (!shown) return choices;
  const known = new Set(shown.map(identity));
  const present = new Map(choices.map((choice) => [identity(choice), choice]));
  const isNew = (choice) => !known.has(identity(choice));
  const held = shown.map((one) => {
    const now = present.get(identity(one)) ?? choices.find((choice) => isNew(choice) && choice.name === one.name);
    return now ? { ...now, key: one.key } : { ...one, removed: true };
  });
  const placed = new Set(held.map(identity));
  const taken = new Set(held.map((one) => one.key));
  const added = choices.filter((choice) => !placed.has(identity(choice)));
  return [...held, ...added.map((choice) => ({ ...choice, key: takeKey(choice.key, keys, taken) }))];
}

function takeKey(own, keys, taken) {
  const key = [own, ...keys].find((one) => one && !taken.has(one)) ?? "";
  taken.add(key);
  return key;
}
