import { make } from "./dom.js";

// A subset of Markdown, as elements made here around text: no HTML, no address that could be followed or fetched.
const FENCE = /^\s*```/;
const HEADING = /^ {0,3}#{1,6}\s+(.*)$/;
const LISTED = /^(\s*)(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/;
const LONGEST = 400; // What one mark may enclose: so that marks without an end are not sought to the end of the text.

export function markdown(text) {
  const blocks = [];
  let open = null; // what the next line may belong to
  const begin = (block) => {
    open = block;
    blocks.push(block);
  };
  for (const line of text.split(/\r?\n/)) {
    if (FENCE.test(line)) open?.code ? (open = null) : begin({ tag: "pre", code: true, lines: [] });
    else if (open?.code) open.lines.push(line);
    else if (!line.trim()) open = null;
    else if (HEADING.test(line)) {
      begin({ tag: "h5", lines: [untrailed(HEADING.exec(line)[1])] });
      open = null;
    } else if (LISTED.test(line)) begin(listItem(LISTED.exec(line)));
    else if (open) open.lines.push(line.trim());
    else begin({ tag: "p", lines: [line.trim()] });
  }
  return gathered(blocks);
}

// "Rules ##" is "Rules". By hand: a pattern would try from each blank anew.
function untrailed(words) {
  const bare = words.trimEnd();
  let end = bare.length;
  while (bare[end - 1] === "#") end--;
  return bare.slice(0, end).trimEnd();
}

const listItem = ([, indent, number, words]) => ({
  tag: "li", list: number ? "ol" : "ul", number: Number(number), level: Math.floor(indent.length / 2), lines: [words],
});

function gathered(blocks) {
  const nodes = [];
  for (const block of blocks) {
    const node = blockNode(block);
    const last = nodes[nodes.length - 1];
    if (!block.list) nodes.push(node);
    else if (last?.localName === block.list) last.append(node);
    else {
      const list = make(block.list);
      if (block.list === "ol") list.start = block.number;
      list.append(node);
      nodes.push(list);
    }
  }
  return nodes;
}

function blockNode(block) {
  const node = make(block.tag);
  node.dir = "auto";
  if (block.code) node.append(make("code", "", block.lines.join("\n")));
  else for (const one of inline(block.lines.join("\n"))) node.append(one); // too many for one call
  if (block.level) node.style.marginInlineStart = `${Math.min(block.level, 6) * 1.2}em`;
  return node;
}

const INLINE = new RegExp([
  "\\\\([!-/:-@[-`{-~])", // escaped
  `\`([^\`]{1,${LONGEST}})\``,
  `!\\[[^\\]]{0,${LONGEST}}\\]\\([^)]{0,${LONGEST}}\\)`, // an image: nothing is left of it
  `\\[([^\\]]{1,${LONGEST}})\\]\\([^)]{0,${LONGEST}}\\)`, // a link: its words
  `\\*\\*(?=\\S)(.{1,${LONGEST}}?)\\*\\*`,
  `(?<!\\w)__(?=\\S)(.{1,${LONGEST}}?)__(?!\\w)`,
  `\\*(?=[^\\s*])([^*]{1,${LONGEST}})\\*`,
  `(?<!\\w)_(?=[^\\s_])([^_]{1,${LONGEST}})_(?!\\w)`,
].join("|"), "gs");

function inline(text) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(INLINE)) {
    const [whole, escaped, code, link, strong, strongToo, stressed, stressedToo] = found;
    nodes.push(text.slice(from, found.index));
    from = found.index + whole.length;
    if (escaped) nodes.push(escaped);
    else if (code) nodes.push(make("code", "", code));
    else if (link) nodes.push(...inline(link));
    else if (strong ?? strongToo) nodes.push(around("strong", strong ?? strongToo));
    else if (stressed ?? stressedToo) nodes.push(around("em", stressed ?? stressedToo));
  }
  nodes.push(text.slice(from));
  return nodes.filter((node) => node !== "");
}

function around(tag, words) {
  const node = make(tag);
  node.append(...inline(words));
  return node;
}
