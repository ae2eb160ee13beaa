"""Free text: refused in one sentence, when asked for and when taught."""

import pytest

from core.embedded.dataset import InvalidFile
from core.embedded.errors import ApiError
from core.embedded.server import Host
from tests.embedded.training import ask, line, response_format, taught

pytestmark = pytest.mark.encoder

REFUSAL = "This host chooses among labels and marks parts of a text; it cannot write free text."


@pytest.fixture
def host(tmp_path, encoder):
    return Host(tmp_path, encoder)


@pytest.mark.parametrize(
    "system",
    [
        "Summarize the text in one sentence.",
        "Correct the spelling:\n- keep names\n- keep numbers",
        "You write a short reply to each customer.\n\n- be polite\n- be brief",
        "Translate into French.",
    ],
)
async def test_a_text_of_its_own_is_refused_in_openais_shape(host, system):
    with pytest.raises(ApiError) as caught:
        await ask(host, system, "The parcel never came, and nobody answers the phone.")
    assert caught.value.status == 400
    error = caught.value.body()["error"]
    assert error["message"].startswith(REFUSAL)
    assert (error["type"], error["param"]) == ("invalid_request_error", "messages")


async def test_a_property_of_free_text_is_refused(host):
    with pytest.raises(ApiError, match=REFUSAL):
        await ask(host, "Summarize the text.", "A long text.", response_format(summary={"type": "string"}))


@pytest.mark.parametrize(
    "system",
    [
        "Write one of these labels:\n- SPORTS\n- POLITICS",
        "Describe the tone. Answer with one of: SPORTS, POLITICS",
        "Write the topic:\n- SPORTS\n- POLITICS",
        "Labels: SPORTS, POLITICS",
    ],
)
async def test_a_label_that_is_to_be_written_is_answered(host, system):
    assert (await ask(host, system, "The striker scored twice"))["message"]["content"] == "SPORTS"


async def test_a_file_of_free_texts_is_refused(host):
    lines = [
        line(f"Text number {n} tells how a parcel was sent and never came to its place.", f"{n}") for n in range(12)
    ]
    with pytest.raises(InvalidFile, match="The answers are free text, which this host cannot learn to write"):
        await taught(host, lines)
