import json
import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_folder() -> Path:
    given = os.environ.get("LABELLOOP_TEST_DATA")
    folder = Path(given) if given else Path(__file__).resolve().parents[3] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"needs the test data in {folder} (or where LABELLOOP_TEST_DATA says)")
    return folder


@pytest.fixture(scope="session")
def published(data_folder):
    """Published worked examples by id: `inputs`, and `values` by name as every library recomputed them."""
    entries = json.loads((data_folder / "agreement_reference.json").read_text())["entries"]
    return {
        entry["id"]: {
            "inputs": entry["inputs"],
            "values": {v["name"]: [x for x in v["recomputed"].values() if x is not None] for v in entry["values"]},
            "printed": {v["name"]: v["published"] for v in entry["values"]},
        }
        for entry in entries
    }


@pytest.fixture(scope="session")
def published_more(data_folder):
    """More of them by id, each in a shape of its own."""
    entries = json.loads((data_folder / "agreement_reference_2.json").read_text())["entries"]
    return {entry["id"]: entry for entry in entries}


@pytest.fixture(scope="session")
def pandalm(data_folder):
    """999 items with the verdicts of three people and two models: 1, 2, or 0 for a tie, by annotator.

    One model spells the tie out and gave 25 unreadable answers; its published scores count those as ties too.
    """
    lines = (data_folder / "pandalm_pairs.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    names = ("annotator1", "annotator2", "annotator3", "gpt35", "pandalm7b")
    return {name: ["0" if row[name] in ("Tie", "garbage") else str(row[name]) for row in rows] for name in names}
