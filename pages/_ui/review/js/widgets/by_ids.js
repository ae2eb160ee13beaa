// Values that hold labels by their ids, as they are stored: what the widgets for such values share. They are put
// together in the item (see `change`) and are given as a whole.

// `ids` lists the labels of a value; `relabel` gives it with each of them as it is called now, in its one form.
export const valuesByIds = (ids, relabel) => ({
  says: (it, value) => ({ value }),
  own: (it, word, mine) => renewed(it, "value" in word ? word.value : mine, relabel),
  meant: (it, value) => renewed(it, value, relabel),
  held: (it, value) => value,
  still(it, value) {
    const now = renewed(it, value, relabel);
    return now === null || this.isGone(it, now) ? null : now;
  },
  isGone: (it, value) => ids(value).some((id) => !it.byId.has(id)),
  labels: (it, value) => ids(value),
  same: (one, other) => JSON.stringify(one) === JSON.stringify(other),
});

const renewed = (it, value, relabel) => (value === null ? null : relabel(value, (id) => it.byId.get(id)?.id ?? id));

export const labelOf = (it, id) => it.byId.get(id) ?? { id, name: it.removedNames.get(id) ?? `label ${id}`, color: "" };
