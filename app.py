"""The shell: navigation, logo, project picker. No behaviour of its own."""

from pages._ui.shell.connection import drawn, present
from pages._ui.shell.layout import lay_out
from pages._ui.shell.leftovers import forget_at_a_break
from pages._ui.shell.navigation import navigate
from pages._ui.shell.origin import is_own_page
from pages._ui.shell.visits import hold_addresses, one_entry


def shell() -> None:
    forget_at_a_break()
    hold_addresses()
    over = present()
    page = navigate()  # before the logo, see `declare`
    lay_out()

    # Only now: a fresh server takes seconds to load it, and would name the pages by their files until then.
    import streamlit as st

    from pages._ui.shell.address import arrive, arrived
    from pages._ui.shell.endings import watch_endings
    from pages._ui.shell.frame import project_picker
    from pages._ui.shell.hands import mind_hands
    from pages._ui.shell.press import begin_presses, end_presses
    from pages._ui.shell.trouble import watch
    from pages._ui.shell.whole import stay_whole

    begin_presses(page.url_path)
    arrive(page.url_path)
    with one_entry(page.url_path):
        can_be_read = watch() and project_picker()
        with st.sidebar:
            stay_whole()
            if can_be_read:
                watch_endings()
        mind_hands()
        if can_be_read:
            page.run()
    arrived()
    end_presses()
    if can_be_read:
        drawn(over)


if is_own_page():
    shell()
