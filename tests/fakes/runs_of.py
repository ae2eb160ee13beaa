"""Runs as they might stand, for what is decided from their numbers alone."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from core.model import Run, RunStatus

_PLAIN = Run(1, 1, 1, RunStatus.RUNNING, 100, 0, 0, datetime(2026, 11, 21, tzinfo=UTC))


def run_with(**facts: Any) -> Run:
    return replace(_PLAIN, **facts)
