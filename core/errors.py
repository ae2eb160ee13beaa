"""The one exception meant for the user; every other exception is a bug."""


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
