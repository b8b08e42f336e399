"""Errors that a user can mend: a step ends with their text, one line, and no traceback."""


def printable(text: str) -> str:
    """The text with escapes for what would steer a terminal: control and direction characters."""
    return "".join(c if c.isprintable() else repr(c).strip("'") for c in text)


class InputError(Exception):
    """A mistake in what the user gave.

    Its text is one line: the file or key, the value found, what is allowed and how to mend it.
    Whatever it quotes, a terminal shows as it is.
    """

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


class ParamsError(InputError):
    """A mistake in params.yaml, or in a file of the same settings: whoever reads that names it.

    The message begins with the key.
    """

    def __str__(self) -> str:
        return f"params.yaml: {self.message}"

    @property
    def message(self) -> str:
        return str(self.args[0])


class WorkerDiedError(InputError):
    """A worker process ended before its call did, and not by an exception of its own."""
