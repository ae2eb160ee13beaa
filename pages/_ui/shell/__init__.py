"""The frame around every page: navigation, handles, choices in the URL, errors, progress."""
