"""Of a run that a broken connection cut off, nothing is sent over the next one.

Streamlit asks such a run to stop, but keeps what it still says and sends that to the browser once it is back. Of the
same run other pieces are lost, so what is left fits nothing: an element whose neighbours never came takes the whole
page down, a "finished" makes the browser forget all widgets that this run had not drawn, an older link replaces the
newer one. So the run is let go, as Streamlit lets go of one that another follows, and what it has left is dropped.

Streamlit has no setting for this: `forget_at_a_break` wraps the one method that it calls when a connection ends.
"""

from functools import wraps

from streamlit.runtime.websocket_session_manager import WebsocketSessionManager


def forget_at_a_break() -> None:
    """From now on, for every session of this server. Once is enough, twice does no harm."""
    disconnect = WebsocketSessionManager.disconnect_session
    if hasattr(disconnect, "__wrapped__"):
        return

    @wraps(disconnect)
    def disconnect_and_forget(self: WebsocketSessionManager, session_id: str) -> None:
        active = self.get_active_session_info(session_id)
        disconnect(self, session_id)
        if active is not None:
            active.session._scriptrunner = None
            active.session.flush_browser_queue()

    WebsocketSessionManager.disconnect_session = disconnect_and_forget  # type: ignore[method-assign]
