"""The shell: page config, navigation, project picker. No behaviour of its own."""

import streamlit as st

from pages._ui.shell import PAGES, project_picker

st.set_page_config(page_title="LabelLoop", page_icon=":material/cycle:", layout="wide")
page = st.navigation(PAGES)
project_picker()
page.run()
