"""The tables. Every column says what it holds; times are seconds since the epoch, UTC."""

from core.storage.tables.annotations import annotations, annotators, current, marks, review_batches
from core.storage.tables.base import metadata
from core.storage.tables.fetches import fetch_errors, fetches
from core.storage.tables.hosts import consents, facts, host_models, hosts, prices
from core.storage.tables.learning import deployments, fine_tune_events, fine_tunes, golden_sets, taught
from core.storage.tables.likenesses import likenesses
from core.storage.tables.projects import deals, drafts, items, looks, projects, uploads, visits
from core.storage.tables.questions import labels, questions, value_labels, values
from core.storage.tables.runs import batches, prompt_versions, repeats, run_errors, run_items, runs
from core.storage.tables.studies import studies, trials

__all__ = [
    "annotations",
    "annotators",
    "batches",
    "consents",
    "current",
    "deals",
    "deployments",
    "drafts",
    "facts",
    "fetch_errors",
    "fetches",
    "fine_tune_events",
    "fine_tunes",
    "golden_sets",
    "host_models",
    "hosts",
    "items",
    "labels",
    "likenesses",
    "looks",
    "marks",
    "metadata",
    "prices",
    "projects",
    "prompt_versions",
    "questions",
    "repeats",
    "review_batches",
    "run_errors",
    "run_items",
    "runs",
    "studies",
    "taught",
    "trials",
    "uploads",
    "value_labels",
    "values",
    "visits",
]
