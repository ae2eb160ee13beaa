"""CoNLL in its dialects: what a word a line and its tags amount to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.importers.conll import read_conll
from core.importers.span_tags import dialect, read_tags, spans_of

DIALECTS = {
    "IOB2": ("O B-PER I-PER O B-LOC B-LOC", "IOB2"),
    "IOB1": ("O I-PER I-PER O I-LOC B-LOC", "IOB1"),
    "BIOES": ("O B-PER E-PER O S-LOC S-LOC", "BIOES"),
    "BILOU": ("O B-PER L-PER O U-LOC U-LOC", "BILOU"),
    "BMEWO": ("O B-PER E-PER O W-LOC W-LOC", "BMEWO"),
    "I without B": ("O I-PER I-PER O B-LOC B-LOC", "IOB2 with spans that begin with I"),
}


@pytest.mark.parametrize(("tags", "named"), DIALECTS.values(), ids=DIALECTS)
def test_every_dialect_says_the_same_and_is_called_by_its_name(tags, named):
    read = read_tags(tags.split())
    assert spans_of(read) == [(1, 3, "PER"), (4, 5, "LOC"), (5, 6, "LOC")]
    assert dialect([read]) == named


SPANS = {
    "another label ends a span": ("B-PER I-LOC", [(0, 1, "PER"), (1, 2, "LOC")]),
    "inside two at once": ("I-PER I-PER B-PER", [(0, 2, "PER"), (2, 3, "PER")]),
    "the middle of three": ("B-PER M-PER E-PER", [(0, 3, "PER")]),
    "an end without a beginning": ("O E-PER O", [(1, 2, "PER")]),
    "a beginning without an end": ("B-PER O", [(0, 1, "PER")]),
    "labels without parts": ("PERSON PERSON O PLACE", [(0, 2, "PERSON"), (3, 4, "PLACE")]),
    "parts without labels": ("B I O B", [(0, 2, "span"), (3, 4, "span")]),
    "a label with a dash": ("B-creative-work I-creative-work", [(0, 2, "creative-work")]),
    "none": ("O O", []),
}


@pytest.mark.parametrize(("tags", "spans"), SPANS.values(), ids=SPANS)
def test_where_spans_begin_and_end(tags, spans):
    assert spans_of(read_tags(tags.split())) == spans


@st.composite
def sentences(draw):
    """Words and spans of words that do not overlap."""
    size = draw(st.integers(1, 12))
    edges = sorted(draw(st.sets(st.integers(0, size), max_size=6)))
    return size, [
        (a, b, draw(st.sampled_from("XY"))) for a, b in zip(edges, edges[1:], strict=False) if draw(st.booleans())
    ]


def tagged(size, spans, single, first, inside, last):
    tags = ["O"] * size
    for start, end, label in spans:
        for place in range(start, end):
            part = single if end - start == 1 else first if place == start else last if place == end - 1 else inside
            tags[place] = f"{part}-{label}"
    return tags


@given(sentences())
def test_what_is_written_in_a_dialect_is_read_back(sentence):
    size, spans = sentence
    for parts in ("BBII", "SBIE", "UBIL", "WBME"):
        assert spans_of(read_tags(tagged(size, spans, *parts))) == spans


def spans_in(file):
    return [[(one.text[start:end], label) for start, end, label in one.spans] for one in file.texts]


def test_words_are_joined_and_spans_are_offsets_in_the_text():
    file = read_conll("EU\tB-ORG\nrejects\tO\n😀\tO\nGerman\tB-MISC\ncall\tI-MISC\n\nPeter\tB-PER\n")
    assert [one.text for one in file.texts] == ["EU rejects 😀 German call", "Peter"]
    assert file.texts[0].spans == ((0, 2, "ORG"), (13, 24, "MISC"))
    assert file.texts[0].words == ((0, 2), (3, 10), (11, 12), (13, 19), (20, 24))
    assert (file.labels, file.texts[1].row) == (("ORG", "MISC", "PER"), 7)
    assert file.about == (
        "Recognised as CoNLL (IOB2): 2 sentences, 3 spans with 3 labels. "
        "Words are joined with single spaces, since the file has no spacing."
    )


FORMS = {
    "blanks": "EU NNP I-NP B-ORG\nsaid VBD I-VP O\n",
    "tabs": "EU\tNNP\tI-NP\tB-ORG\nsaid\tVBD\tI-VP\tO\n",
    "line ends of Windows": "EU B-ORG\r\nsaid O\r\n\r\n",
    "a mark of the byte order": "\ufeffEU B-ORG\nsaid O\n",
    "no last line end": "EU B-ORG\nsaid O",
    "blank lines at both ends, and two": "\n\n\nEU B-ORG\nsaid O\n\n\n\n",
    "blank lines with blanks in them": " \t\nEU B-ORG\nsaid O\n  \n",
    "documents": "-DOCSTART- -X- O O\n\nEU NNP O B-ORG\nsaid VBD O O\n",
    "comments and numbers": "# sent_id = 3\n# text = EU said\n1\tEU\tNOUN\tB-ORG\n2\tsaid\tVERB\tO\n",
    "the tags are not the last": "EU B-ORG 0.9\nsaid O 0.8\n",
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_files_of_every_form_are_read(text):
    file = read_conll(text)
    assert [one.text for one in file.texts] == ["EU said"]
    assert spans_in(file) == [[("EU", "ORG")]]
    assert file.problems == ()


def test_documents_are_sentences_with_line_breaks_between():
    text = "-DOCSTART- O\n\nEU B-ORG\nsaid O\n\nPeter B-PER\n\n-DOCSTART- O\n\nParis B-LOC\n"
    file = read_conll(text, by_document=True)
    assert [one.text for one in file.texts] == ["EU said\nPeter", "Paris"]
    assert spans_in(file) == [[("EU", "ORG"), ("Peter", "PER")], [("Paris", "LOC")]]
    assert [one.text for one in read_conll(text).texts] == ["EU said", "Peter", "Paris"]


def test_a_span_does_not_go_on_in_the_next_sentence():
    assert spans_in(read_conll("EU I-ORG\n\nPeter I-ORG\n")) == [[("EU", "ORG")], [("Peter", "ORG")]]


def test_words_are_what_stands_there():
    # blanks that are none of ASCII, a hash sign, a separator of lines to some programs
    file = read_conll("#\tO\n#hash\tO\na\u00a0b\tB-X\nc\u2028d\tO\n")
    assert file.texts[0].text == "# #hash a\u00a0b c\u2028d"
    assert spans_in(file) == [[("a\u00a0b", "X")]]


def test_a_line_with_too_few_columns_is_named_and_its_word_kept():
    file = read_conll("EU NNP B-ORG\nsaid\nPeter NNP B-PER\n")
    assert file.texts[0].text == "EU said Peter"
    assert spans_in(file) == [[("EU", "ORG"), ("Peter", "PER")]]
    assert [(problem.row, problem.message) for problem in file.problems] == [
        (2, "Line 2 has 1 column, where most lines have 3.")
    ]


def test_the_columns_can_be_chosen():
    file = read_conll("1 EU B-ORG O\n2 Peter O B-PER\n", word=1, tag=2)
    assert spans_in(file) == [[("EU", "ORG")]]


@pytest.mark.parametrize("text", ["", "\n\n", "-DOCSTART- O\n", "word\n", "# newdoc\n"])
def test_a_file_without_spans_is_fine(text):
    file = read_conll(text)
    assert file.labels == ()
    assert len(file.texts) == (text == "word\n")


@given(st.text(alphabet="EU\t BIO-XY\r\n#1é😀", max_size=80))
def test_any_text_is_read_and_spans_lie_in_their_words(text):
    for one in read_conll(text).texts:
        starts, ends = {start for start, _ in one.words}, {end for _, end in one.words}
        assert all(start in starts and end in ends and start <= end for start, end, _ in one.spans)
        assert all(end <= len(one.text) for _, end in one.words)
