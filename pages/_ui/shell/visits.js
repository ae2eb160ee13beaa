// One entry in the browser's history for each visit of a page.
//
// Streamlit pushes one for each parameter that a page adds to its address: none of those is a step somebody took. What an
// address has become once its page is drawn is put in place when the browser is at that page, which may be later.

import { program, turnBack } from "./network.js";

const LONGEST = 5000;
const visits = (globalThis.__labelloopVisits ??= { heard: "", waiting: null, odd: new Set() });

export default function ({ data }) {
  oneEach();
  if (!data.visit || data.visit === visits.heard) return;
  visits.heard = data.visit;
  visits.waiting = data;
  if (data.odd) sayNothing(data.odd);
  arrive();
}

function oneEach() {
  if (visits.watches) return;
  visits.watches = true;
  const push = history.pushState;
  history.pushState = function (state, title, url) {
    const isSame = url == null || new URL(url, location.href).pathname === location.pathname;
    (isSame ? history.replaceState : push).call(history, state, title, url);
    if (!isSame && !arrive()) visits.waiting = null;
  };
  window.addEventListener("popstate", comeBack, true); // before Streamlit asks for the page
}

function comeBack(event) {
  visits.waiting = null;
  if (visits.odd.has(last())) {
    event.stopImmediatePropagation();
    return history.back();
  }
  turnBack(LONGEST);
}

const last = () => decodeURIComponent(location.pathname).split("/").pop();

// Whether the browser is at the page whose address waits; then it has it.
function arrive() {
  const { waiting } = visits;
  if (!waiting || waiting.elsewhere.includes(last()) || visits.odd.has(last())) return false;
  visits.waiting = null;
  settle(waiting.address);
  return true;
}

// Streamlit's own program is told as well, or it would ask for the page by its old address; where that is not found, the
// server says the address once more.
function settle(address) {
  if (location.search.slice(1) === address) return;
  history.replaceState(history.state, "", `${location.pathname}?${address}`);
  program("syncQueryParams")?.syncQueryParams(address);
}

// Somebody wrote an address that is none of a page, or in another way: Streamlit goes on to the page's own, so nobody
// comes back to that one. Its box about it says less than the page does.
function sayNothing(odd) {
  visits.odd.add(odd);
  program("closeDialog")?.closeDialog();
}
