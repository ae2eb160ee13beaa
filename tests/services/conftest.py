import pytest

from core.hosts.decide import Policy
from core.hosts.manner import Manner
from tests.fakes.worlds import MODEL


@pytest.fixture
def quick(monkeypatch):
    """The policy as it is, its waits cut to milliseconds."""
    policy = Policy(first_wait=0.001, longest_wait=0.004, first_probe=0.001, longest_probe=0.004)
    monkeypatch.setattr("core.services.labelling.run_executor.Policy", lambda: policy)
    monkeypatch.setattr("core.services.labelling.storing._BEAT_SECONDS", 0.02)
    return policy


@pytest.fixture
def no_grace(monkeypatch):
    """A run that ends hangs up at once. Without it what is in flight has the product's own time to come home."""
    monkeypatch.setattr("core.services.labelling.run_executor._GRACE_SECONDS", 0.0)


@pytest.fixture
def quick_batches(monkeypatch):
    """Batches are looked at, and kept hold of, without a pause to speak of."""
    monkeypatch.setattr("core.services.batching.batch_executor._POLL_LOCAL_SECONDS", 0.002)
    monkeypatch.setattr("core.services.common.heartbeat._BEAT_SECONDS", 0.02)


@pytest.fixture
def known(workbench):
    """Ask plainly, and know it: no question is asked live then."""
    workbench.hosts.remember("openai", MODEL, Manner(logprobs=False))
