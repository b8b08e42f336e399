"""The one kind of error that a user can cause and mend."""


class InputError(Exception):
    """A mistake in what the user gave.

    Its text is one line: the file or key, the value found, what is allowed and how to mend it.
    """
