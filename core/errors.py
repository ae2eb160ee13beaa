"""The exceptions meant for the user; every other exception is a bug."""


class WorkbenchError(Exception):
    """Something the user can understand and act on.

    `message` says what happened in one plain sentence (which file, row, column); `hint` says what to do next.
    Screens show both and nothing else; they never show a traceback for it.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class Passing(WorkbenchError):
    """Trouble that ends without anything being done on the page: another program has the database, or it is away."""


class NotAllowedYet(WorkbenchError):
    """A host outside this machine was to be asked before the user said that data may go there; nothing was sent.

    `host_key` is the host to ask the user about.
    """

    def __init__(self, host_key: str, title: str) -> None:
        super().__init__(
            f"Nothing is sent to {title} before you allow it: it is outside this machine.",
            "Allow it where you choose the host, or on Hosts.",
        )
        self.host_key = host_key
