"""Errors that a user can mend: a stage ends with their text, one line, and no traceback."""

LONGEST = 390  # characters of a message


class InputError(ValueError):
    """The file or key, the value found, what is allowed. What would steer a terminal is escaped.

    Cut in the middle where it is longer than LONGEST: a file is named first, the fix last. A
    ValueError, so that pydantic collects those that validators raise.
    """

    def __init__(self, message: str) -> None:
        line = "".join(c if c.isprintable() else repr(c).strip("'") for c in message)
        half = LONGEST // 2
        super().__init__(line if len(line) <= LONGEST else f"{line[:half]}…{line[-half:]}")


def shown(value: object) -> str:
    """A value as errors quote it: at most 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
