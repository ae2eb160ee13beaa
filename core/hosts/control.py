"""The control plane: what is asked of a host once in a while, through the `openai` SDK."""

from typing import Any

from core.errors import WorkbenchError
from core.hosts.profiles import Connection, is_loopback, without_secrets


def sdk_client(connection: Connection, *, timeout: float, max_retries: int) -> Any:
    """The SDK's `OpenAI` on this connection. It takes the proxies of the environment, but never to this very machine:
    there the text and the key of the request would be somebody else's to read."""
    import openai

    return openai.OpenAI(
        base_url=connection.base_url,
        api_key=connection.key or "none",
        timeout=timeout,
        max_retries=max_retries,
        http_client=openai.DefaultHttpxClient(trust_env=False) if is_loopback(connection.base_url) else None,
    )


def list_models(connection: Connection, *, timeout: float = 20.0) -> list[str]:
    """Names of the models the host serves, as it orders them. Raises `WorkbenchError` where it cannot be asked."""
    import openai

    client = sdk_client(connection, timeout=timeout, max_retries=1)
    address = without_secrets(connection.base_url)
    try:
        return [model.id for model in client.models.list().data]
    except openai.AuthenticationError as error:
        raise WorkbenchError("The host refused the key.", "Check OPENAI_API_KEY and start again.") from error
    except openai.APIConnectionError as error:
        raise WorkbenchError(
            f"The host at {address} cannot be reached.", "Check that it is running, then try again."
        ) from error
    except openai.APIStatusError as error:
        raise WorkbenchError(f"The host could not list its models (HTTP {error.status_code}).") from error
    except (ValueError, AttributeError, TypeError) as error:
        raise WorkbenchError(
            f"What answers at {address} does not speak the OpenAI protocol.", "Check the address."
        ) from error
