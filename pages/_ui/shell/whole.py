"""The browser's side of a page that is whole again after a broken connection.

Streamlit's browser asks for the page on reconnecting only if it takes a run for unfinished, or if a part of the page
draws itself anew by the clock: so there is such a part, whose clock hardly ever strikes. And a piece of Streamlit's own
program that broke off while it was loaded is remembered as broken until the page is loaded again: so it is.
"""

import streamlit as st

_FAILED = "dynamically imported module|Importing a module script failed"
_JS = """
<script>
(() => {
  const KEY = "labelloop:reloads", FEW = 3, MINUTE = 60000;
  const app = () => document.querySelector("[data-testid=stApp]");
  const again = () => {
    if (app()?.dataset.testConnectionState !== "CONNECTED") return setTimeout(again, 250);
    const recent = JSON.parse(sessionStorage.getItem(KEY) || "[]").filter((at) => Date.now() - at < MINUTE);
    if (recent.length >= FEW) return;
    sessionStorage.setItem(KEY, JSON.stringify([...recent, Date.now()]));
    location.reload();
  };
  if (!window.labelloopReloads) {
    window.labelloopReloads = true;
    window.addEventListener("vite:preloadError", () => setTimeout(again, 250), { once: true });
    if (/FAILED/.test(app()?.innerText)) again();
  }
})();
</script>
""".replace("FAILED", _FAILED)


@st.fragment(run_every="12h")
def stay_whole() -> None:
    """For `app.py` alone, in the sidebar: nothing that is seen."""
    st.html(_JS, unsafe_allow_javascript=True)
