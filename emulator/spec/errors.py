"""Errors that name what is wrong; the command line turns them into an exit status."""


class SpinchipError(Exception):
    """Base of the errors that this package raises on purpose."""


class InputError(SpinchipError, ValueError):
    """An input or an argument breaks a rule (exit status 2).

    The text is one line that names the place, the value and the rule.
    """


class ToolError(SpinchipError, RuntimeError):
    """An external tool is missing or failed (exit status 3).

    The text is one line that says which tool, and how to get it.
    """
