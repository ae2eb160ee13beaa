"""How sure a model was, from what it might have written instead."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.hosts.confidence import label_confidence

LABELS = ("SPORTS", "SPACE", "POLITICS", "NONE")


def token(text, probability=1.0, **others):
    """One token as a host tells it; `others` are the alternatives by their text."""
    return spelled(text, math.log(probability), {name: math.log(p) for name, p in others.items()})


def spelled(text, logprob, others=()):
    listed = [{"token": text, "logprob": logprob}, *({"token": t, "logprob": others[t]} for t in others)]
    return {"token": text, "logprob": logprob, "bytes": list(text.encode()), "top_logprobs": listed}


def confidence(*tokens, label="SPORTS", labels=LABELS):
    return label_confidence({"content": list(tokens)}, label, labels)


OPEN, CLOSE = token('{"label": "'), token('"}')


def test_a_label_of_one_token_is_weighed_against_the_other_labels_listed_beside_it():
    # .6 / (.6 + .2); "the" is no label's beginning, so its .1 is nobody's.
    assert confidence(OPEN, token("SPORTS", 0.6, POLITICS=0.2, the=0.1), CLOSE) == pytest.approx(0.75)


def test_where_labels_begin_alike_each_step_counts_what_leads_elsewhere():
    # P(chosen) = .5 x .8 = .4; others: POL at the first token .3, ACE after SP .5 x .2 = .1.
    tokens = [OPEN, token("SP", 0.5, POL=0.3), token("ORTS", 0.8, ACE=0.2), CLOSE]
    assert confidence(*tokens) == pytest.approx(0.4 / (0.4 + 0.3 + 0.1))


def test_a_token_may_begin_before_the_label_and_run_past_it():
    tokens = [
        token('{"label":'),
        token(' "SP', 0.5, **{' "NONE': 0.25, "no": 0.1}),
        token('ORTS"}', 0.8, **{'ACE",': 0.1}),
    ]
    assert confidence(*tokens) == pytest.approx(0.4 / (0.4 + 0.25 + 0.05))


def test_of_labels_where_one_begins_the_other_the_closing_quote_decides():
    ab = ("A", "AB")
    tokens = [OPEN, token("A", 0.9), token('"', 0.7, B=0.2, X=0.1), token("}")]
    # A and its quote .9 x .7 = .63, AB .9 x .2 = .18.
    assert confidence(*tokens, label="A", labels=ab) == pytest.approx(0.63 / 0.81)
    tokens = [OPEN, token("A", 0.9), token("B", 0.6, **{'"': 0.3}), CLOSE]
    assert confidence(*tokens, label="AB", labels=ab) == pytest.approx(0.54 / (0.54 + 0.27))


def test_plain_text_works_too_and_words_end_where_no_letter_follows():
    tokens = [token("SP", 0.5, POLITICS=0.2, NONES=0.1), token("ORTS", 0.8, **{"ACE.": 0.1}), token("\n", 0.9)]
    assert confidence(*tokens) == pytest.approx(0.4 / (0.4 + 0.2 + 0.05))


def test_another_way_of_cutting_the_chosen_label_into_tokens_is_for_it():
    # SPO can only become SPORTS: (.5 + .1) / (.5 + .1 + .2)
    assert confidence(OPEN, token("SPORTS", 0.5, SPO=0.1, NO=0.2), CLOSE) == pytest.approx(0.75)


def test_without_alternatives_it_is_the_probability_of_the_label_s_tokens():
    alone = [{"token": t, "logprob": math.log(p)} for t, p in [('{"label": "', 0.05), ("SPO", 0.5), ("RTS", 0.8)]]
    assert confidence(*alone) == pytest.approx(0.4)
    assert confidence(*[{**entry, "top_logprobs": []} for entry in alone]) == pytest.approx(0.4)


def test_the_value_of_label_counts_before_other_mentions_and_the_last_before_earlier_ones():
    thought = [token("SPORTS", 0.1, NONE=0.9), token("? ")]
    assert confidence(*thought, token("SPORTS", 0.9, NONE=0.1)) == pytest.approx(0.9)
    said = [OPEN, token("SPORTS", 0.9, NONE=0.1), token('", "why": "'), token("SPORTS", 0.3, NONE=0.7), CLOSE]
    assert confidence(*said) == pytest.approx(0.9)


def test_a_label_with_quotes_is_found_as_json_spells_it():
    labels = ('"A"B', '"A"C')
    tokens = [OPEN, token(r"\"A\"", 0.5), token("B", 0.6, C=0.4), CLOSE]
    assert confidence(*tokens, label='"A"B', labels=labels) == pytest.approx(0.3 / (0.3 + 0.2))


def test_a_character_cut_in_two_by_tokens_is_put_together_from_its_bytes():
    first, second = "MÜ".encode()[:2], "MÜ".encode()[2:]
    halves = [
        {"token": "M\\xc3", "logprob": math.log(0.5), "bytes": list(first), "top_logprobs": []},
        {"token": "\\x9c", "logprob": math.log(0.5), "bytes": list(second), "top_logprobs": []},
    ]
    assert confidence(OPEN, *halves, CLOSE, label="MÜ", labels=("MÜ", "X")) == pytest.approx(0.25)


@pytest.mark.parametrize("label", ["POLITICS", "SPORT", "ORTS", ""])
def test_a_label_the_tokens_do_not_spell_has_no_confidence(label):
    assert confidence(token("SPORTS"), label=label, labels=(*LABELS, "SPORT", "ORTS", "")) is None
    assert confidence(label=label) is None


@pytest.mark.parametrize(
    "logprobs",
    [None, [], {}, {"content": None}, {"content": 7}, {"content": [7]}, {"content": [{"token": "SPORTS"}]}]
    + [{"content": [{"token": "SPORTS", "logprob": 10**400}]}, {"content": [{"token": 1, "logprob": "x"}]}],
    ids=repr,
)
def test_logprobs_of_an_unknown_shape_are_as_good_as_none(logprobs):
    assert label_confidence(logprobs, "SPORTS", LABELS) is None


@pytest.mark.parametrize(
    "listed",
    [7, [7], [{}], [{"token": "NONE"}], [{"token": "", "logprob": 0.0}]] + [[{"token": "NONE", "logprob": math.nan}]],
    ids=repr,
)
def test_alternatives_of_an_unknown_shape_are_passed_over(listed):
    odd = {"token": "SPORTS", "logprob": math.log(0.5), "top_logprobs": listed}
    assert confidence(odd) == pytest.approx(0.5)


@pytest.mark.parametrize(("odd", "expected"), [(1000.0, 1.0), (math.nan, None), (math.inf, None), (-math.inf, None)])
def test_an_odd_logprob_gives_no_odd_confidence(odd, expected):
    assert confidence({"token": "SPORTS", "logprob": odd}) == expected


@pytest.mark.parametrize("odd", [-math.inf, -9999.0])
def test_an_impossible_alternative_weighs_nothing(odd):
    assert confidence(spelled("SPORTS", math.log(0.5), {"NONE": odd})) == pytest.approx(1.0)


def test_an_impossible_label_among_impossible_labels_has_no_confidence():
    assert confidence(spelled("SPORTS", -9999.0, {"NONE": -9999.0})) is None


def test_case_and_a_space_before_the_label_make_no_difference_as_where_the_answer_is_read():
    tech = ("TECH", "ARTS")
    # TECH .4 + " TECH" .2 + "tech" .1, against ARTS .1
    tokens = [token("TECH", 0.4, **{" TECH": 0.2, "tech": 0.1, "Arts": 0.1})]
    assert confidence(*tokens, label="TECH", labels=tech) == pytest.approx(0.7 / 0.8)
    assert confidence(token(" tech", 0.6, **{"Arts": 0.2}), label="TECH", labels=tech) == pytest.approx(0.75)
    assert confidence(OPEN, token("tech", 0.6, ARTS=0.2), CLOSE, label="TECH", labels=tech) == pytest.approx(0.75)


def test_a_beginning_that_labels_share_counts_for_those_that_the_answer_does_not_begin_like():
    # SP may become SPORTS or SPACE, and SPORTS was begun otherwise: .6 / (.6 + .2 + .2)
    assert confidence(OPEN, token("SPORTS", 0.6, SP=0.2, POL=0.2), CLOSE) == pytest.approx(0.6)
    # Begun so, the next token tells: .5 x .8 against .5 x .2
    assert confidence(OPEN, token("SP", 0.5), token("ORTS", 0.8, ACE=0.2), CLOSE) == pytest.approx(0.8)


def test_of_many_labels_those_not_listed_count_as_the_least_that_is():
    labels = tuple(f"{chr(65 + i)}X" for i in range(20))
    listed = {name: 0.04 for name in labels[1:6]}
    # Fourteen more labels of at most .04 each, but .3 at most in all: .5 / (.5 + .2 + .3)
    assert confidence(OPEN, token("AX", 0.5, **listed), CLOSE, label="AX", labels=labels) == pytest.approx(0.5)
    # All labels listed: what else is not listed is nobody's.
    assert confidence(OPEN, token("AX", 0.5, **listed), CLOSE, label="AX", labels=labels[:6]) == pytest.approx(
        0.5 / 0.7
    )


# a toy model whose distribution over the labels is known


def toy_answer(draws, weights, chosen):
    """The tokens of an answer of a model that writes each label in one way only, `draws[label]`, with `weights`."""
    tokens = []
    for place in range(len(draws[chosen])):
        prefix = draws[chosen][:place]
        alive = {label: path for label, path in draws.items() if path[:place] == prefix}
        mass = {}
        for label, path in alive.items():
            mass[path[place]] = mass.get(path[place], 0.0) + weights[label]
        total = sum(mass.values())
        text = draws[chosen][place]
        logs = {t: math.log(p / total) for t, p in mass.items()}
        tokens.append(spelled(text, logs[text], {t: p for t, p in logs.items() if t != text}))
    return tokens


@st.composite
def toys(draw):
    """Labels, each cut into tokens in one way; the last token holds the end, the first perhaps the opening quote."""
    labels = draw(st.lists(st.text("ABÜ", min_size=1, max_size=4), min_size=2, max_size=8, unique=True))
    cuts = {}
    for label in labels:
        whole = f'{label}"'
        at = sorted(draw(st.sets(st.integers(1, len(whole) - 1))))
        cuts[label] = tuple(whole[a:b] for a, b in zip([0, *at], [*at, len(whole)], strict=True))
    weights = {label: draw(st.floats(0.01, 1.0)) for label in labels}
    return cuts, weights, draw(st.sampled_from(labels)), draw(st.booleans())


@given(toys())
def test_with_every_alternative_listed_it_is_the_model_s_own_distribution_over_the_labels(toy):
    cuts, weights, chosen, is_fused = toy
    if is_fused:
        cuts = {label: (f'"{path[0]}', *path[1:]) for label, path in cuts.items()}
    tokens = toy_answer(cuts, weights, chosen)
    head = token('{"label": ' if is_fused else '{"label": "')
    found = confidence(head, *tokens, token("}"), label=chosen, labels=tuple(cuts))
    assert found == pytest.approx(weights[chosen] / sum(weights.values()))


@given(toys(), st.integers(0, 3))
def test_whatever_is_listed_it_is_a_probability(toy, kept):
    cuts, weights, chosen, _ = toy
    tokens = [{**t, "top_logprobs": t["top_logprobs"][:kept]} for t in toy_answer(cuts, weights, chosen)]
    found = confidence(token('"'), *tokens, label=chosen, labels=tuple(cuts))
    assert found is not None
    assert weights[chosen] / sum(weights.values()) - 1e-9 <= found <= 1.0
