"""The shell: page config, navigation, project picker. No behaviour of its own."""

from pathlib import Path

import streamlit as st

from pages._ui.shell.navigation import navigate

# A file of ours: a named icon would be fetched from elsewhere.
ICON = Path(__file__).parent / "pages" / "_ui" / "shell" / "icon.png"
st.set_page_config(page_title="LabelLoop", page_icon=str(ICON), layout="wide")
st.logo(str(ICON), size="large")
page = navigate()

# Only now: a fresh server takes seconds to load it, and would name the pages by their files until then.
from pages._ui.shell.frame import project_picker  # noqa: E402

project_picker()
page.run()
