"""Kappa by word and Krippendorff's unitised alpha, against published values and programs of other shape."""

import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from core.metrics.rows import Rows
from core.metrics.spans import Marks, Outcomes, SpanSums, SpanTable, Words
from core.metrics.spans.word_labels import WordSums
from tests.metrics.spans.worlds import LABELS, LENGTH, apart, overlapping, pairs_of, table_of

TEXT = "ab cde fg, hij klmno p qr stu vwx yz 12 3"


def alpha(pairs, length=LENGTH, labels=LABELS):
    sides = [Marks.of(list(side)) for side in zip(*pairs, strict=True)]
    table = SpanTable(labels, *sides, np.full(len(pairs), length), Words.of([""] * len(pairs)))
    return SpanSums(table).units.value()


def test_krippendorffs_own_example_of_unitising_is_reproduced(data_folder):
    entries = json.loads((data_folder / "agreement_reference_2.json").read_text())["entries"]
    example = next(entry for entry in entries if entry["id"] == "krippendorff_2004_unitizing")
    begin, length = example["continuum"]

    def units(who, which):
        found = example["units_offset_length"][who]
        return [(at - begin, at - begin + size, which.index(label)) for at, size, label in found if label in which]

    both = alpha([(units("0", "ck"), units("1", "ck"))], length, ("c", "k"))
    assert both == pytest.approx(example["recomputed_all"], abs=1e-5)
    assert both == pytest.approx(example["published"]["all"], abs=1e-3)
    assert alpha([(units("0", "c"), units("1", "c"))], length, ("c",)) == pytest.approx(
        example["published"]["c"]["alpha"], abs=1e-3
    )
    assert alpha([(units("0", "k"), units("1", "k"))], length, ("k",)) == example["published"]["k"]["alpha"]


def slow_alpha(pairs, length):
    """The formula of the book, unit by unit and gap by gap."""
    total = length * len(pairs)
    observed = expected = 0.0
    for label in range(len(LABELS)):
        sides = [[merged([s for s in spans if s[2] == label]) for spans in side] for side in zip(*pairs, strict=True)]
        units = [unit for side in sides for item in side for unit in item]
        if not units:
            continue
        ends_to_end = [
            [(at * length + a, at * length + b) for at, item in enumerate(side) for a, b in item] for side in sides
        ]
        gaps = [gap for side in ends_to_end for gap in between(side, total)]
        for mine, theirs in zip(*sides, strict=True):
            for one, other in ((mine, theirs), (theirs, mine)):
                for start, end in one:
                    met = [(b, e) for b, e in other if b < end and e > start]
                    # each pair of units is seen from both sides, each lonely unit from its own
                    observed += sum((start - b) ** 2 + (end - e) ** 2 for b, e in met) / 2
                    observed += 0 if met else (end - start) ** 2
        sizes = [end - start for start, end in units]
        places = sum(
            (len(units) - 1) / 3 * (2 * n**3 - 3 * n**2 + n) + n**2 * sum(g - n + 1 for g in gaps if g >= n)
            for n in sizes
        )
        expected += 2 / total * places / (2 * total * (2 * total - 1) - sum(n * (n - 1) for n in sizes))
    return 1 - observed / total**2 / expected if expected else None


def merged(spans):
    found = []
    for start, end, _ in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def between(units, length):
    edges = [0, *(edge for unit in units for edge in unit), length]
    return [end - start for start, end in zip(edges[::2], edges[1::2], strict=True)]


@given(pairs_of(overlapping()))
def test_unitised_alpha_is_the_formula_of_the_book_over_all_items(pairs):
    expected = slow_alpha(pairs, LENGTH)
    if expected is None:
        assert np.isnan(alpha(pairs))
    else:
        assert alpha(pairs) == pytest.approx(expected)


def marks_by_chance(generator, n, sizes):
    """One span in a third of the items, of one of the sizes, anywhere in it."""
    chosen = np.flatnonzero(generator.random(n) < 1 / 3)
    size = generator.choice(sizes, len(chosen))
    start = generator.integers(0, LENGTH - size + 1)
    return Marks.ordered(n, chosen, start, start + size, np.zeros(len(chosen), dtype=np.int64))


@pytest.mark.parametrize("sizes", [[3], [12], [3, 12]])
def test_annotators_who_mark_by_chance_score_about_0(sizes):
    found = []
    for seed in range(20):
        generator = np.random.default_rng(seed)
        sides = [marks_by_chance(generator, 300, sizes) for _ in range(2)]
        table = SpanTable(("a",), *sides, np.full(300, LENGTH), Words.of([""] * 300))
        found.append(SpanSums(table).units.value())
    assert np.mean(found) == pytest.approx(0.0, abs=0.05)


@given(pairs_of(apart()))
def test_kappa_by_word_is_that_of_the_words_written_out(pairs):
    check_kappa(pairs)


@given(pairs_of(overlapping()))
def test_a_word_with_several_labels_has_the_set_of_them(pairs):
    check_kappa(pairs)


def extents(words):
    return list(zip(words.begins.positions.tolist(), (words.last.positions + 1).tolist(), strict=True))


def check_kappa(pairs):
    table = table_of(pairs, TEXT)
    words = extents(table.words)[: table.words.number[0]]

    def said(spans):
        return [str(sorted({k for s, e, k in spans if s < end and e > start})) for start, end in words]

    reference, candidate = ([word for spans in side for word in said(spans)] for side in zip(*pairs, strict=True))
    found = SpanSums(table).words.value()
    if len({*reference, *candidate}) == 1:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(cohen_kappa_score(reference, candidate))


def test_words_are_letters_in_a_row_or_one_sign():
    found = Words.of(["It's 3.5 €!", "", "naïve\r\nسلام"])
    assert found.number.tolist() == [8, 0, 2]
    assert extents(found)[:3] == [(0, 2), (2, 3), (3, 4)]


@given(
    st.lists(st.text(alphabet=st.characters() | st.sampled_from("ab \n_é0٣中\ud800.-\u200d"), max_size=30), max_size=6)
)
def test_words_of_any_texts_are_those_a_pattern_finds(texts):
    found, begin, expected = Words.of(texts), 0, []
    for text in texts:
        expected += [(begin + word.start(), begin + word.end()) for word in re.finditer(r"\w+|[^\w\s]", text)]
        begin += len(text) + 1
    assert extents(found) == expected
    assert found.number.tolist() == [len(re.findall(r"\w+|[^\w\s]", text)) for text in texts]


@given(st.lists(st.lists(st.text(alphabet="ab \n.é", max_size=90), max_size=3), max_size=4))
def test_words_of_texts_read_some_at_a_time_are_those_of_all_at_once(parts):
    whole, joined = (
        Words.of([text for part in parts for text in part]),
        Words.joined([Words.of(part) for part in parts]),
    )
    assert joined.number.tolist() == whole.number.tolist()
    item = np.array([at for at in range(whole.n) for _ in range(91)], dtype=np.int64)
    start = np.tile(np.arange(91), whole.n)
    short = np.array([len(text) for part in parts for text in part], dtype=np.int64)[item] > start
    asked = item[short], start[short], start[short] + 1
    for own, other in zip(joined.among(*asked), whole.among(*asked), strict=True):
        assert own.tolist() == other.tolist()


@given(pairs_of(overlapping()), st.booleans())
def test_words_are_counted_in_each_row_as_written_out(pairs, dealt):
    """Row by row, since intervals weigh rows."""
    table = table_of(pairs * 2, TEXT)
    rows = Rows(np.arange(table.n) % 2, 2) if dealt else Rows.of(table.n)
    sums = WordSums.of(table, rows, Outcomes.of(table.reference, table.candidate).equal)
    words = extents(table.words)[: table.words.number[0]]
    same = np.zeros(rows.number)
    for place, (own, other) in enumerate(pairs * 2):
        for start, end in words:
            said = [frozenset(k for s, e, k in spans if s < end and e > start) for spans in (own, other)]
            same[rows.row[place]] += said[0] == said[1]
    assert sums.hits.sum(axis=1).tolist() == same.tolist()
    for side in (sums.reference, sums.candidate):
        assert side.sum(axis=1).tolist() == rows.add_up(np.arange(table.n), table.words.number).tolist()
