// One entry in the browser's history for each visit of a page.
//
// Streamlit pushes one for each parameter that a page adds to its address: of those only the first, which opens the page,
// is a step somebody took. And what the first page's address became before this was here is put in place at last.

import { turnBack } from "./network.js";

const LONGEST = 5000;

export default function ({ data }) {
  oneEach();
  if (data.address) settle(data.address);
}

function oneEach() {
  if (globalThis.__labelloopVisits) return;
  globalThis.__labelloopVisits = true;
  const push = history.pushState;
  history.pushState = function (state, title, url) {
    const isSame = url == null || new URL(url, location.href).pathname === location.pathname;
    return (isSame ? history.replaceState : push).call(history, state, title, url);
  };
  window.addEventListener("popstate", () => turnBack(LONGEST), true); // before Streamlit asks for the page
}

// Streamlit's own program is told as well, or it would ask for the page by its old address; the part that knows it is none
// of its public ones: where it is not found, the server says the address once more.
function settle(address) {
  if (location.search.slice(1) === address) return;
  history.replaceState(history.state, "", `${location.pathname}?${address}`);
  const app = document.querySelector("[data-testid=stApp]");
  let part = app?.[Object.keys(app).find((name) => name.startsWith("__reactFiber$"))];
  while (part && !part.stateNode?.syncQueryParams) part = part.return;
  part?.stateNode.syncQueryParams(address);
}
