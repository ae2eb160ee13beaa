"""What runs will come to, before anything is spent: from measured calls where there are some, else by rule of thumb.

Everything here is pure. An amount is never given without the range it is expected in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist, fmean, variance
from typing import Any

from core.content import text_of, tokens_of_media
from core.hosts.prices import cost
from core.model import Message, Price, QuestionKind
from core.storage.run_figures import Call

MEASURED_FROM = 8
"""Fewer measured calls than this say nothing about the spread."""

_SETTLED = 200
_MOST_IN_FLIGHT = 256
_CHARACTERS_PER_TOKEN = (5.5, 4.0, 2.0)
_ANSWER = (5, 12, 60)
_REASONED_ANSWER = (100, 400, 3000)


@dataclass(frozen=True)
class Amount:
    """What is expected, and the range it should fall into (95 % where measured, else by rule of thumb)."""

    value: float
    low: float
    high: float

    def __add__(self, other: "Amount") -> "Amount":
        """The ranges are added as they are: too wide rather than too narrow."""
        return Amount(self.value + other.value, self.low + other.low, self.high + other.high)

    def times(self, factor: float) -> "Amount":
        return Amount(self.value * factor, self.low * factor, self.high * factor)


NOTHING = Amount(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Expected:
    """What a number of calls will come to. `measured` is from how many calls that is known; 0 is a rule of thumb.

    `dollars` is None where the price is unknown, `seconds` where nothing is known of the pace.
    """

    tokens: Amount
    dollars: Amount | None
    seconds: Amount | None
    measured: int = 0


def total_of(
    values: Sequence[float], calls: int, lengths: Sequence[float] = (), coming_length: float | None = None
) -> Amount:
    """The sum over `calls` further draws like these, with its 95 % prediction interval (Student's t, unknown variance).

    Half width: t s sqrt(N²/n + N) for N further draws after n. Nothing for 0 calls; at least two values are needed.

    Where the `lengths` of what they were drawn with are given, and the mean one of those to come, it is the regression
    on the length: few long texts among many short ones make a mean of twenty a poor guess, and their lengths are known.
    """
    if not calls:
        return NOTHING
    if coming_length is not None and len(set(lengths)) > 1:
        return _by_length(values, calls, lengths, coming_length)
    n, mean, spread = len(values), fmean(values), sqrt(variance(values))
    half = _t(n - 1) * spread * sqrt(calls * calls / n + calls)
    return Amount(mean * calls, max(0.0, mean * calls - half), mean * calls + half)


def _by_length(values: Sequence[float], calls: int, lengths: Sequence[float], coming_length: float) -> Amount:
    """Half width: t sqrt(N² v + N s²), s² the variance of the residuals, n - 2 degrees of freedom.

    v is the variance of the line at the coming mean length: the usual one, or if that is larger the one that reckons
    with longer texts varying more (White's, as HC3: each residual by its own leverage).
    """
    n, middle, mean = len(values), fmean(lengths), fmean(values)
    squares = sum((x - middle) ** 2 for x in lengths)
    slope = sum((x - middle) * (y - mean) for x, y in zip(lengths, values, strict=True)) / squares
    residuals = [y - mean - slope * (x - middle) for x, y in zip(lengths, values, strict=True)]
    noise = sum(left * left for left in residuals) / (n - 2)
    away = coming_length - middle
    robust = 0.0
    for x, left in zip(lengths, residuals, strict=True):
        own = max(1e-6, 1 - 1 / n - (x - middle) ** 2 / squares)
        robust += ((1 / n + away * (x - middle) / squares) * left / own) ** 2
    line = max(noise * (1 / n + away * away / squares), robust)
    value = max(0.0, mean + slope * away) * calls
    half = _t(n - 2) * sqrt(calls * calls * line + calls * noise)
    return Amount(value, max(0.0, value - half), value + half)


def _t(freedom: int) -> float:
    """The 97.5 % point of Student's t, by Cornish and Fisher's series: within 0.5 % from 5 degrees of freedom on."""
    z = NormalDist().inv_cdf(0.975)
    first = (z**3 + z) / (4 * freedom)
    second = (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    return z + first + second + third


def measured(
    calls: int,
    seen: Sequence[Call],
    price: Price | None,
    *,
    batch: bool,
    pace: "Pace | None" = None,
    coming_length: float | None = None,
) -> Expected | None:
    """From calls like these; None where fewer than `MEASURED_FROM` of them say how many tokens they took.

    `coming_length` is the mean length of the texts to come, where that is known.
    """
    counted = [call for call in seen if call.prompt_tokens]  # nothing is asked in no tokens: the host does not count
    if len(counted) < MEASURED_FROM:
        return None
    tokens = [float((call.prompt_tokens or 0) + (call.completion_tokens or 0)) for call in counted]
    lengths = [float(call.length) for call in counted]
    paid = [_paid(call, price, batch) for call in counted]
    known = [dollars for dollars in paid if dollars is not None]
    return Expected(
        tokens=total_of(tokens, calls, lengths, coming_length),
        dollars=total_of(known, calls, lengths, coming_length) if len(known) == len(paid) else None,
        seconds=None if pace is None or batch else pace.time_for(calls, fmean(tokens)),
        measured=len(counted),
    )


def _paid(call: Call, price: Price | None, batch: bool) -> float | None:
    return cost(
        price,
        prompt_tokens=call.prompt_tokens or 0,
        cached_tokens=call.cached_tokens or 0,
        completion_tokens=call.completion_tokens or 0,
        batch=batch,
    )


def is_as_long(config: Mapping[str, Any]) -> bool:
    """Whether an answer is a text of its own, or a copy of the item's with tags: as long as what it is about."""
    if questions := _questions(config):
        return any(one.get("task_type") == QuestionKind.TEXT for one in questions)
    kind, way = config.get("task_type"), (config.get("options") or {}).get("answers")
    return kind == QuestionKind.TEXT or (kind == QuestionKind.SPANS and way in (None, "", "tags"))


def rough(
    calls: int,
    rendered: Sequence[Sequence[Message]],
    config: Mapping[str, Any],
    *,
    batch: bool,
    characters: float | None = None,
) -> Expected:
    """From the messages of some items as they would be sent: characters / 4, 500 tokens a picture (85 to 1,500), an
    answer guessed, the range wide. `characters` is how long an answer is taken to be where it is a text.

    Scripts other than Latin take more tokens a character, and reasoning takes as many tokens as it likes.
    """
    sizes = [sum(len(text_of(message.content)) for message in messages) for messages in rendered]
    media = [
        fmean([sum(tokens_of_media(message.content, rule) for message in messages) for messages in rendered] or [0])
        for rule in range(3)
    ]
    overhead = fmean([4 * len(messages) for messages in rendered]) if rendered else 0.0
    low, value, high = (
        fmean(sizes) / per + overhead + more if sizes else 0.0
        for per, more in zip(_CHARACTERS_PER_TOKEN, media, strict=True)
    )
    asked = Amount(value, low, high).times(calls)
    most = config.get("answer_tokens")
    low, value, high = (min(tokens, most or tokens) for tokens in _answer(config, characters))
    answered = Amount(value, low, high).times(calls)
    price = Price(**config["price"]) if config.get("price") else None
    return Expected(asked + answered, _amount_paid(price, asked, answered, batch), None)


def _questions(config: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Those that are asked at once; none where one is asked alone."""
    return (config.get("together") or {}).get("questions") or ()


def _answer(config: Mapping[str, Any], characters: float | None) -> tuple[float, ...]:
    """Tokens of one answer, at the least, about and at the most: of a text half to twice as many characters, besides
    what is thought before."""
    usual: tuple[float, ...] = _REASONED_ANSWER if thinks(config) else _ANSWER
    if characters is None:
        return usual
    written = (share * characters / per for share, per in zip((0.5, 1.0, 2.0), _CHARACTERS_PER_TOKEN, strict=True))
    return tuple(more + (least if thinks(config) else 0) for least, more in zip(usual, written, strict=True))


def thinks(config: Mapping[str, Any]) -> bool:
    """Whether a run's configuration asks the model to reason before it answers."""
    return config.get("reasoning_effort") not in ("", None, "none", "minimal")


def longest_answer(config: Mapping[str, Any]) -> int:
    """Tokens an answer takes at most, by rule of thumb or as it is bounded."""
    longest = (_REASONED_ANSWER if thinks(config) else _ANSWER)[-1]
    return min(longest, config.get("answer_tokens") or longest)


def _amount_paid(price: Price | None, asked: Amount, answered: Amount, batch: bool) -> Amount | None:
    paid = [
        cost(price, prompt_tokens=round(i), cached_tokens=0, completion_tokens=round(o), batch=batch)
        for i, o in ((asked.value, answered.value), (asked.low, answered.low), (asked.high, answered.high))
    ]
    known = [dollars for dollars in paid if dollars is not None]
    return Amount(*known) if len(known) == len(paid) else None


@dataclass(frozen=True)
class Pace:
    """What is known of how fast a model answers: seconds a call, and the newest run's calls in its seconds."""

    latency: float
    calls: int
    seconds: float
    in_flight: int | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None

    def time_for(self, calls: int, tokens_each: float) -> Amount:
        """Seconds for so many calls.

        A run of some hundred calls has found its pace: that, within a third. A shorter one was still gathering speed:
        between all calls in flight that are allowed, and as slowly as it began; the geometric mean is expected. Limits
        a minute are never beaten.
        """
        if not calls:
            return NOTHING
        at_its_rate = calls * self.seconds / self.calls
        if self.calls >= _SETTLED:
            amount = Amount(at_its_rate, at_its_rate / 1.33, at_its_rate * 1.33)
        else:
            best = self.latency * max(1.0, calls / (self.in_flight or _MOST_IN_FLIGHT))
            slow = max(best, at_its_rate)
            amount = Amount(sqrt(best * slow), best, slow)
        floor = self._by_limits(calls, tokens_each)
        return Amount(max(amount.value, floor), max(amount.low, floor), max(amount.high, floor))

    def _by_limits(self, calls: int, tokens_each: float) -> float:
        by_requests = 60 * calls / self.requests_per_minute if self.requests_per_minute else 0.0
        by_tokens = 60 * calls * tokens_each / self.tokens_per_minute if self.tokens_per_minute else 0.0
        return max(by_requests, by_tokens)
