"""The door to pyca: whatever goes wrong behind it is one sentence in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from csr_tui.core.findings import InvalidError
from csr_tui.errors import CsrTuiError

UNUSUAL = "part of it is not valid DER"
UNKNOWN = "it uses an unknown algorithm or curve"


@contextmanager
def parsing(what: str) -> Iterator[None]:
    """InvalidError, `what` and the reason, for anything that pyca raises; what is needed is read inside, all of it.

    pyca parses the parts of a certificate when they are asked for, and names no closed set of errors: ValueError,
    TypeError, KeyError (an unknown TLS feature), InternalError (a bent EC key) and more have been seen.
    """
    try:
        yield
    except CsrTuiError:
        raise
    except Exception as error:  # a library's edge, as said above
        raise InvalidError(f"{what} cannot be read: {reason(error)}.") from error


def reason(error: Exception) -> str:
    """Why something could not be read, without the words of a parser."""
    match error:
        case x509.InvalidVersion():
            return "its version does not exist"
        case x509.DuplicateExtension():
            return f"it has the extension {error.oid.dotted_string} twice"
        case UnsupportedAlgorithm():
            return UNKNOWN
        case ValueError() if is_unknown_kind(error):
            return UNKNOWN
    return UNUSUAL


def is_unknown_kind(error: BaseException | None) -> bool:
    """Whether pyca read a key of a kind that it does not have: a ValueError, like the one of a wrong password."""
    return "Unknown key type" in str(error) or "unsupported private key algorithm" in str(error)
