// Whether the server is there, whether it is just drawing the page (Streamlit says both on its own element), and whether
// another page was asked for.

const app = () => document.querySelector("[data-testid=stApp]");
const scriptState = () => app()?.dataset.testScriptState ?? "notRunning";

// The part of Streamlit's program that has this method. It is none of the public ones: look at them with each new version.
export function program(method) {
  let part = app()?.[Object.keys(app()).find((name) => name.startsWith("__reactFiber$"))];
  while (part && !part.stateNode?.[method]) part = part.return;
  return part?.stateNode;
}

// Where Streamlit says nothing, the browser knows at least of no network; one on this machine needs none.
export function isConnected() {
  const said = app()?.dataset.testConnectionState;
  return said ? said === "CONNECTED" : navigator.onLine;
}

export const isRunning = () => scriptState() !== "notRunning";

// Streamlit drops what is sent over no connection: whoever holds something sends it as soon as there is one. Where there
// is none to begin with, because it broke while this script was loaded, that is told at once.
export function onConnection(act) {
  let was = true;
  const look = () => {
    const is = isConnected();
    if (is !== was) act((was = is));
  };
  if (app()) new MutationObserver(look).observe(app(), { attributeFilter: ["data-test-connection-state"] });
  for (const name of ["online", "offline"]) window.addEventListener(name, look);
  look();
}

// Until the other page is there, nothing may be sent from this one: the message would lead back here.
export function turnTo(path, milliseconds) {
  globalThis.__labelloopLeaving = { path, until: performance.now() + milliseconds };
}

// The browser's own way back and forth: the address is the other page's at once, what is shown is not yet.
export function turnBack(milliseconds) {
  const from = shownPath();
  turnTo(location.pathname, milliseconds);
  if (from !== location.pathname) globalThis.__labelloopLeaving.from = from;
}

export function isLeaving() {
  const leaving = globalThis.__labelloopLeaving;
  if (!leaving || performance.now() > leaving.until) return false;
  return location.pathname !== leaving.path || (leaving.from !== undefined && leaving.from === shownPath());
}

// The page that is marked in the menu, if there is one.
function shownPath() {
  const entry = document.querySelector("[data-testid=stSidebarNavLink][aria-current=page]");
  return entry ? new URL(entry.href).pathname : undefined;
}

// Not into an answer under way: it would begin anew with each message, and never end where it takes long.
export function whenAtRest(holder, pause, send) {
  clearTimeout(holder.timer);
  if (scriptState() === "running") holder.timer = setTimeout(() => whenAtRest(holder, pause, send), pause);
  else send(holder);
}
