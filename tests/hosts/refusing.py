"""Hosts that refuse calls, and clients that ask them, simulated in numbers: no time passes."""

import heapq
import random
from collections import deque
from math import inf

from core.hosts.pace import Pace


class ByChance:
    """Refuses a share of all calls, whatever their pace: by item and attempt, so that all clients meet the same."""

    def __init__(self, share, seed=1, wait=1.0):
        self.share, self.seed, self.wait = share, seed, wait

    def refuses(self, now, item, attempt):
        return random.Random(f"{self.seed}/{item}/{attempt}").random() < self.share


class Bucket:
    """Grants `rate` calls a second, and `capacity` at once."""

    def __init__(self, rate, capacity, wait=1.0):
        self.rate, self.capacity, self.level, self.at, self.wait = rate, capacity, float(capacity), 0.0, wait

    def refuses(self, now, item, attempt):
        self.level = min(self.capacity, self.level + (now - self.at) * self.rate)
        self.at = now
        if self.level < 1.0:
            return True
        self.level -= 1.0
        return False


class Window:
    """Grants so many calls in any `seconds`."""

    def __init__(self, calls, seconds, wait=1.0):
        self.calls, self.seconds, self.wait, self.times = calls, seconds, wait, deque()

    def refuses(self, now, item, attempt):
        while self.times and self.times[0] <= now - self.seconds:
            self.times.popleft()
        if len(self.times) >= self.calls:
            return True
        self.times.append(now)
        return False


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

    def answered(self, now, seconds, tokens):
        self.in_flight -= 1

    def refused(self, now, seconds, retry_after):
        self.in_flight -= 1


class Asking:
    """`items` asked of a host through `pace`. A refused item comes again after the wait it was told."""

    def __init__(self, host, pace, items, latency=0.1, refusal_latency=None, jitter=0.0, own_wait=0.5, seed=1):
        self.host, self.pace, self.items, self.latency = host, pace, items, latency
        self.refusal_latency = latency if refusal_latency is None else refusal_latency
        self.jitter, self.own_wait, self.rng = jitter, own_wait, random.Random(seed)
        self.now, self.answers, self.refusals, self.sent = 0.0, 0, 0, []
        self.ready = deque((item, 1) for item in range(items))
        self.waiting, self.coming = [], []
        self.waited = 0

    def run(self, until=inf):
        while self.answers < self.items and self.now < until:
            self.step(until)
        return self

    def step(self, until=inf):
        alarm = self.send()
        next_ones = [queue[0][0] for queue in (self.coming, self.waiting) if queue]
        self.now = min([*next_ones, alarm, until])
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
            refused = self.host.refuses(self.now, item, attempt)
            if not refused and hasattr(self.host, "busy"):
                self.host.busy += 1
            takes = (self.refusal_latency if refused else self.latency) * (1 + self.jitter * self.rng.expovariate(1.0))
            heapq.heappush(self.coming, (self.now + takes, self.now, item, attempt, refused))
            self.sent.append(self.now)
        return inf

    def home(self, now, began, item, attempt, refused):
        if not refused:
            if hasattr(self.host, "busy"):
                self.host.busy -= 1
            self.answers += 1
            self.pace.answered(now, now - began, 0)
            return
        self.refusals += 1
        self.pace.refused(now, now - began, self.host.wait)
        wait = self.host.wait if self.host.wait is not None else self.own_wait * 2 ** min(attempt - 1, 5)
        heapq.heappush(self.waiting, (now + wait, item, attempt + 1))

    @property
    def refused_share(self):
        return self.refusals / (self.refusals + self.answers)


def ours(host, items, most=64, **how):
    return Asking(host, Pace(most), items, **how)


def rival(host, items, most=64, **how):
    return Asking(host, OnlyTheRefused(most), items, **how)
