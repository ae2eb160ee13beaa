"""Hosts that refuse calls, and clients that ask them, simulated in numbers: no time passes."""

import heapq
import random
from collections import deque
from math import inf

from core.hosts.pace import Pace
from core.hosts.rates import RateFacts

_TO_SEND = 5e-5
"""Seconds from one call's start to the next one's: no two begin at the same moment."""


class ByChance:
    """Refuses a share of all calls, whatever their pace: by item and attempt, so that all clients meet the same."""

    def __init__(self, share, seed=1, wait=1.0):
        self.share, self.seed, self.wait = share, seed, wait

    def refuses(self, now, item, attempt):
        return random.Random(f"{self.seed}/{item}/{attempt}").random() < self.share


class Bucket:
    """Grants `rate` calls a second, and `capacity` at once; its headers say when it is full again."""

    def __init__(self, rate, capacity, wait=1.0, announces=False):
        self.rate, self.capacity, self.level, self.at, self.wait = rate, capacity, float(capacity), 0.0, wait
        self.announces = announces

    def refuses(self, now, item, attempt):
        self.level = min(self.capacity, self.level + (now - self.at) * self.rate)
        self.at = now
        if self.level < 1.0:
            return True
        self.level -= 1.0
        return False

    def rates(self, now):
        return RateFacts(self.capacity, int(self.level), (self.capacity - self.level) / self.rate)

    def soonest(self, calls):
        return max(0.0, (calls - self.capacity) / self.rate)


class Window:
    """Grants so many calls in any `seconds`."""

    def __init__(self, calls, seconds, wait=1.0, announces=False):
        self.calls, self.seconds, self.wait, self.times = calls, seconds, wait, deque()
        self.announces = announces

    def refuses(self, now, item, attempt):
        while self.times and self.times[0] <= now - self.seconds:
            self.times.popleft()
        if len(self.times) >= self.calls:
            return True
        self.times.append(now)
        return False

    def rates(self, now):
        return RateFacts(self.calls, self.calls - len(self.times), self.times[0] + self.seconds - now)

    def soonest(self, calls):
        return (calls - 1) // self.calls * self.seconds


class FixedWindow:
    """Grants so many calls from one full `seconds` to the next; the first one is `begun` already."""

    def __init__(self, calls, seconds, wait=1.0, announces=False, begun=0.0):
        self.calls, self.seconds, self.wait, self.announces = calls, seconds, wait, announces
        self.begun, self.number, self.used = begun * seconds, 0, 0

    def refuses(self, now, item, attempt):
        number = int((now + self.begun) // self.seconds)
        if number > self.number:
            self.number, self.used = number, 0
        if self.used >= self.calls:
            return True
        self.used += 1
        return False

    def rates(self, now):
        return RateFacts(
            self.calls, self.calls - self.used, max(1e-3, (self.number + 1) * self.seconds - now - self.begun)
        )

    def soonest(self, calls):
        windows = (calls - 1) // self.calls
        return windows * self.seconds - self.begun if windows else 0.0


class AtOnce:
    """Grants so many calls at once."""

    def __init__(self, most, wait=1.0):
        self.most, self.wait, self.busy = most, wait, 0

    def refuses(self, now, item, attempt):
        return self.busy >= self.most


class OnlyTheRefused:
    """A client of `width` calls at once that holds the refused call alone."""

    def __init__(self, width):
        self.width, self.in_flight = width, 0

    def delay(self, now):
        return 0.0 if self.in_flight < self.width else inf

    def started(self, now):
        self.in_flight += 1

    def answered(self, now, seconds, tokens, rates=None):
        self.in_flight -= 1

    def refused(self, now, seconds, retry_after, rates=None):
        self.in_flight -= 1

    def failed(self, now, seconds, *, timed_out, rates=None):
        self.in_flight -= 1


class Asking:
    """`items` asked of a host through `pace`. A refused item comes again after the wait it was told.

    A share of `failing` calls ends with an error that says nothing about the pace, the same ones for all clients.
    """

    def __init__(
        self, host, pace, items, latency=0.1, refusal_latency=None, jitter=0.0, own_wait=0.5, seed=1, failing=0.0
    ):
        self.host, self.pace, self.items, self.latency = host, pace, items, latency
        self.refusal_latency = latency if refusal_latency is None else refusal_latency
        self.jitter, self.own_wait, self.rng = jitter, own_wait, random.Random(seed)
        self.seed, self.failing = seed, failing
        self.now, self.answers, self.refusals, self.sent = 0.0, 0, 0, []
        self.ready = deque((item, 1) for item in range(items))
        self.waiting, self.coming = [], []

    def run(self, until=inf):
        while self.answers < self.items and self.now < until:
            self.step(until)
        return self

    def step(self, until=inf):
        alarm = self.send()
        next_ones = [queue[0][0] for queue in (self.coming, self.waiting) if queue]
        self.now = max(self.now, min([*next_ones, alarm, until]))
        assert self.now < inf, "it stands still for ever"
        while self.waiting and self.waiting[0][0] <= self.now:
            _, item, attempt = heapq.heappop(self.waiting)
            self.ready.appendleft((item, attempt))
        if self.coming and self.coming[0][0] <= self.now:
            self.home(*heapq.heappop(self.coming))

    def send(self):
        while self.ready:
            wait = self.pace.delay(self.now)
            if wait > 0.0:
                return self.now + wait
            self.pace.started(self.now)
            item, attempt = self.ready.popleft()
            began = self.now
            self.now += _TO_SEND
            refused = self.host.refuses(began, item, attempt)
            if not refused and hasattr(self.host, "busy"):
                self.host.busy += 1
            takes = (self.refusal_latency if refused else self.latency) * (1 + self.jitter * self.rng.expovariate(1.0))
            rates = self.host.rates(began) if getattr(self.host, "announces", False) else None
            heapq.heappush(self.coming, (began + takes, began, item, attempt, refused, rates))
            self.sent.append(began)
        return inf

    def home(self, now, began, item, attempt, refused, rates):
        wait = self.host.wait if refused else None
        if not refused:
            if hasattr(self.host, "busy"):
                self.host.busy -= 1
            if not self.fails(item, attempt):
                self.answers += 1
                self.pace.answered(now, now - began, 0, rates)
                return
            self.pace.failed(now, now - began, timed_out=False, rates=rates)
        else:
            self.refusals += 1
            self.pace.refused(now, now - began, wait, rates)
        own = self.own_wait * 2 ** min(attempt - 1, 5) * random.Random(f"{self.seed}-{item}-{attempt}").uniform(0.5, 1)
        heapq.heappush(self.waiting, (now + (own if wait is None else wait), item, attempt + 1))

    def fails(self, item, attempt):
        return self.failing > 0 and random.Random(f"{self.seed}:{item}:{attempt}").random() < self.failing

    @property
    def refused_share(self):
        return self.refusals / (self.refusals + self.answers)


def ours(host, items, most=64, **how):
    return Asking(host, Pace(most), items, **how)


def rival(host, items, most=64, **how):
    return Asking(host, OnlyTheRefused(most), items, **how)
