"""How the pace fares with hosts of all kinds: `python -m tests.hosts.sweep [SEEDS] [words of a setting ...]`.

All of it is simulated, so that hours pass in seconds. Where calls are refused by chance it is set beside a client that
holds only the refused call; where a host truly limits, beside the soonest it would have granted so many calls.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.hosts.refusing import Bucket, ByChance, FixedWindow, Window, ours, rival

LATENCY, JITTER, WIDTH = 0.1, 0.2, 64


@dataclass(frozen=True)
class Setting:
    """`host(seed)` is a new one each time."""

    name: str
    rows: int
    host: Callable[[int], object]
    failing: float = 0.0

    @property
    def is_chance(self) -> bool:
        return isinstance(self.host(1), ByChance)


@dataclass(frozen=True)
class Seen:
    """`ratio` is the time taken, of the rival's or of the soonest; `more` are calls refused beyond the rival's."""

    ratio: float
    share: float
    more: int = 0


def chance_settings(rows: int, shares=(0.01, 0.02, 0.1, 0.3), waits=(None, 1.0, 10.0)) -> Iterator[Setting]:
    for failing in (0.0, 0.05):
        for wait in waits:
            for share in shares:
                name = f"chance {share:.0%} wait {wait} failing {failing:.0%} rows {rows}"
                yield Setting(name, rows, lambda seed, s=share, w=wait: ByChance(s, seed, w), failing)


def limit_settings(rows: int, waits=(None, 1.0)) -> Iterator[Setting]:
    for announces in (False, True):
        said = "headers" if announces else "silent"
        for wait in waits:
            for rate in (10, 50, 200):
                for burst in (1, 50):
                    name = f"bucket {rate}/s burst {burst} wait {wait} {said} rows {rows}"
                    yield Setting(name, rows, lambda _, r=rate, b=burst, w=wait, a=announces: Bucket(r, b, w, a))
            for calls, seconds in ((50, 1.0), (600, 60.0)):
                for kind in (FixedWindow, Window):
                    name = f"{kind.__name__} {calls} in {seconds:.0f} s wait {wait} {said} rows {rows}"
                    yield Setting(
                        name,
                        rows,
                        lambda seed, k=kind, c=calls, s=seconds, w=wait, a=announces: (
                            k(c, s, w, a, (seed * 0.618) % 1.0) if k is FixedWindow else k(c, s, w, a)
                        ),
                    )


def tried(setting: Setting, seed: int) -> Seen:
    how = {"latency": LATENCY, "jitter": JITTER, "seed": seed, "failing": setting.failing}
    mine = ours(setting.host(seed), setting.rows, WIDTH, **how).run()
    if setting.is_chance:
        theirs = rival(setting.host(seed), setting.rows, WIDTH, **how).run()
        return Seen(mine.now / theirs.now, mine.refused_share, mine.refusals - theirs.refusals)
    return Seen(mine.now / soonest(setting, seed), mine.refused_share)


def soonest(setting: Setting, seed: int) -> float:
    """When the last answer of a client that knows the host could be home."""
    granted = setting.host(seed).soonest(setting.rows)
    return max(granted, setting.rows * LATENCY * (1 + JITTER) / WIDTH) + LATENCY


def is_good(setting: Setting, seen: Seen) -> bool:
    if setting.is_chance:
        return seen.ratio <= 1.2 and seen.more <= 0
    return seen.ratio <= 1 / 0.95 and seen.share < 0.05


def row(setting: Setting, seeds: int) -> str:
    seen = [tried(setting, seed) for seed in range(1, seeds + 1)]
    ratios, shares = sorted(each.ratio for each in seen), sorted(each.share for each in seen)
    good = sum(is_good(setting, each) for each in seen) / seeds
    middle, high, most = seeds // 2, -(-95 * seeds // 100) - 1, seeds - 1
    return (
        f"{setting.name:58} {ratios[middle]:6.2f} {ratios[high]:6.2f} {ratios[most]:6.2f}"
        f" {shares[middle]:7.1%} {shares[high]:7.1%}"
        f" {max(each.more for each in seen):5} {good:6.0%} {'' if good >= 0.95 else '<--'}"
    )


def main() -> None:
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    words = sys.argv[2:]
    print(f"{'':58} {'time':>6} {'p95':>6} {'worst':>6} {'refused':>7} {'p95':>7} {'more':>5} {'good':>6}")
    for rows in (100, 1_000, 3_000, 10_000):
        for setting in (*chance_settings(rows), *limit_settings(rows)):
            if all(word in setting.name.split() for word in words):
                print(row(setting, seeds), flush=True)


if __name__ == "__main__":
    main()
