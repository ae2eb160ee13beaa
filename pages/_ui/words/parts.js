// A field of an item as its layout shows it. What is in it only ever reaches the page as text, or as the address of a
// file that the app itself serves.

const LONGEST_TURN = 20000;
const MOST_TURNS = 400;

// `url` is where the part's file is served, `files` where those in its messages are, by reference.
export function partNode(part, url, asText, files = {}) {
  const node = element("section", `part part-${part.show}`);
  const inner = contentOf(part, url, asText, files);
  if (part.folded) {
    const fold = element("details", "fold");
    fold.append(element("summary", "", part.heading || "Text"), inner);
    node.append(fold);
    return node;
  }
  if (part.heading) node.append(element("h4", "", part.heading));
  node.append(inner);
  return node;
}

export function contentOf(part, url, asText, files = {}) {
  if (part.show === "conversation" && part.turns?.length) return conversation(part.turns, files);
  if (part.show === "link") return address(part.value);
  if (["picture", "sound", "film"].includes(part.show) && part.value.startsWith("media:")) return file(part, url);
  return asText(part.value);
}

function element(tag, name, text) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text !== undefined) node.textContent = text;
  return node;
}

// The references of the files that a part shows.
export function referencesIn(part) {
  if (part.value.startsWith("media:")) return [part.value];
  return (part.turns ?? []).flatMap(([, , pieces = []]) => pieces.filter(isFile).map(({ value }) => value));
}

const isFile = ({ show }) => show !== "text";

function conversation(turns, files) {
  const node = element("div", "turns");
  for (const [role, text, pieces] of turns.slice(0, MOST_TURNS)) {
    const turn = element("div", "turn");
    turn.dataset.role = ["system", "user", "assistant", "tool"].includes(role) ? role : "other";
    if (role) turn.append(element("div", "who-says", role));
    turn.append(...(pieces ? pieces.map((one) => (isFile(one) ? file(one, one.url ?? files[one.value]) : saidSo(one.value))) : [saidSo(text)]));
    node.append(turn);
  }
  if (turns.length > MOST_TURNS) node.append(element("div", "who-says", `and ${turns.length - MOST_TURNS} more messages`));
  return node;
}

function saidSo(text) {
  const said = element("div", "said-so", text.length > LONGEST_TURN ? `${text.slice(0, LONGEST_TURN)}…` : text);
  said.dir = "auto";
  return said;
}

// Nothing is fetched: the link opens in another tab when it is clicked.
function address(value) {
  if (!/^https?:\/\//.test(value)) return element("span", "", value);
  const link = element("a", "address", value);
  link.href = value;
  link.target = "_blank";
  link.rel = "noopener noreferrer nofollow";
  return link;
}

function file({ show, value }, url) {
  if (url === undefined) return element("div", "loading awaited", "Loading …");
  if (!url) return element("div", "loading", `The file ${value.slice(6, 18)}… is missing`);
  const node = element("div", show);
  const inner = element({ picture: "img", sound: "audio", film: "video" }[show]);
  inner.src = url;
  if (show === "picture") inner.alt = "The picture to label";
  else inner.controls = true;
  if (show === "picture") inner.draggable = false;
  else inner.preload = "metadata";
  inner.onerror = () => node.replaceChildren(element("div", "loading", "This browser cannot show the file"));
  node.append(inner);
  return node;
}
