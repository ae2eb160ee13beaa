import os
from pathlib import Path

import pytest

from core.embedded.process import EmbeddedHost

DATA = Path(os.environ.get("LABELLOOP_TEST_DATA") or Path(__file__).parents[3] / "shared" / "data")


@pytest.fixture(scope="session")
def encoder(tmp_path_factory):
    from core.embedded.encoder import Encoder
    from core.embedded.weights import find_encoder

    return Encoder(find_encoder(tmp_path_factory.mktemp("encoder")))


@pytest.fixture(scope="session")
def running_host(tmp_path_factory):
    host = EmbeddedHost(tmp_path_factory.mktemp("host"))
    yield host
    host.close()


@pytest.fixture(scope="session")
def headlines():
    path = DATA / "huffpost8_train.csv"
    if not path.is_file():
        pytest.skip(f"{path} is absent")
    return path
