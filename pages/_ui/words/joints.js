// Names of labels and annotators, where they are too long for one line.

/** The name as text in `node`, which may be broken after a mark that joins words: never within a word. */
export function breakable(node, name) {
  name.split(/(?<=[_/.:-])/).forEach((part, at) => node.append(...(at ? [document.createElement("wbr"), part] : [part])));
  return node;
}
