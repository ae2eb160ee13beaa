"""What a page of another program gets to see, asked over the very connection such a page would open."""

import asyncio

import aiohttp
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

REFUSED = "was not loaded from LabelLoop"


def drawn(server, origin, host=None):
    """All that the server draws for a page of this origin; None where it refuses to be connected to."""
    return asyncio.run(_drawn(server.port, origin, host))


async def _drawn(port, origin, host):
    headers = {"Origin": origin, **({"Host": host} if host else {})}
    async with aiohttp.ClientSession() as session:
        try:
            async with session.ws_connect(f"http://127.0.0.1:{port}/_stcore/stream", headers=headers) as ws:
                asked = BackMsg()
                asked.rerun_script.query_string = ""
                await ws.send_bytes(asked.SerializeToString())
                return await asyncio.wait_for(_until_finished(ws), 60)
        except aiohttp.WSServerHandshakeError:
            return None


async def _until_finished(ws):
    told = ""
    async for message in ws:
        forward = ForwardMsg.FromString(message.data)
        told += str(forward.delta)
        if forward.WhichOneof("type") == "script_finished":
            return told
    return told


@pytest.mark.slow
def test_a_page_of_another_port_of_this_machine_is_shown_one_sentence_and_nothing_else(app):
    own = drawn(app, app.url)
    assert REFUSED not in own and len(own) > 2_000
    for origin in ("http://localhost:9999", "http://127.0.0.1:9999", "http://localhost", "http://0.0.0.0:8501"):
        other = drawn(app, origin)
        assert other is not None, "Streamlit refuses it now: decision 024 can be simplified"
        assert REFUSED in other and len(other) < 1_000
    for origin in ("null", "http://elsewhere.example", "http://localhost.elsewhere.example"):
        assert drawn(app, origin) is None
    assert drawn(app, "http://rebound.example", host="rebound.example") is None
    assert "external IP" not in app.log(), "a server elsewhere was asked who this machine is"
