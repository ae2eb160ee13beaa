"""What two systems of a shared task scored, from their files to the figure that was published."""

import pytest

from core.importers.conll import read_conll
from core.metrics import estimate_all
from core.metrics.spans import SpanSums, SpanTable


def read(data_folder, name):
    return read_conll((data_folder / name).read_bytes().decode())


@pytest.mark.parametrize(("system", "spinning"), [("arcada", False), ("spinningbytes", True)])
def test_the_entity_f1_of_the_shared_task_is_reproduced(published, data_folder, system, spinning):
    gold = read(data_folder, "wnut17_test.conll")
    told = read(data_folder, f"wnut17_test_system_{system}.conll")
    assert len(gold.texts) == len(told.texts) == 1_287
    assert not gold.problems and not told.problems
    labels = tuple(dict.fromkeys((*gold.labels, *told.labels)))
    sides = [
        [[(start, end, labels.index(label)) for start, end, label in one.spans] for one in file.texts]
        for file in (gold, told)
    ]
    found = estimate_all(SpanSums(SpanTable.of(labels, [one.text for one in gold.texts], *sides)))
    expected = published["wnut17_submissions"]
    name = f"{system} entity F1"
    assert round(100 * found["strict_f1"].value, 2) == expected["printed"][name]
    assert 100 * found["strict_f1"].value == pytest.approx(expected["values"][name][0], abs=1e-9)
    # the other schemes, as nervaluate 1.2.1 counts them
    others = (0.5413, 0.6085, 0.4887) if spinning else (0.5734, 0.6211, 0.4555)
    for scheme, value in zip(("exact", "partial", "type"), others, strict=True):
        assert found[f"{scheme}_f1"].value == pytest.approx(value, abs=5e-5), scheme
