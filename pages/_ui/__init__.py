"""What the pages share of Streamlit: handles, state keys, panels and components. Pages import it, core never does."""
