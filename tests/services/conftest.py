import pytest

from core.hosts.decide import Policy


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
