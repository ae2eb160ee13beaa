"""What is around every page: the name of the product, and how wide a page is."""

from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
_NAME = str(_HERE / "name.svg")


def lay_out() -> None:
    """For `app.py` alone, after the pages are declared."""
    st.logo(_NAME, size="large")  # also above a page whose sidebar is closed
    st.html(_HERE / "page.css")
