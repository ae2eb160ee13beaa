"""What is around every page: the name of the product, and how wide a page is."""

from pathlib import Path

import streamlit as st

from pages._ui.shell.navigation import ICON

_HERE = Path(__file__).parent
_NAME = str(_HERE / "name.svg")


def lay_out() -> None:
    """For `app.py` alone, after the pages are declared."""
    st.logo(_NAME, size="large", icon_image=ICON)
    st.html(_HERE / "page.css")
