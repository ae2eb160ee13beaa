"""LabelLoop without its screen: everything here also works from a notebook. Start at `core.workbench`."""
