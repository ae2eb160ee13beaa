"""Hosts: who can be asked, how a question and its answer look on the wire, and what to do when it goes wrong."""
