"""Errors that a user can mend: a stage ends with their text, one line, and no traceback."""


class InputError(ValueError):
    """The file or key, the value found, what is allowed. What would steer a terminal is escaped.

    A ValueError, so that pydantic collects those that validators raise.
    """

    def __init__(self, message: str) -> None:
        super().__init__("".join(c if c.isprintable() else repr(c).strip("'") for c in message))


def shown(value: object) -> str:
    """A value as errors quote it: at most 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
