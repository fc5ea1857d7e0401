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
EXPLICIT = "its curve is given by explicit parameters, which is not supported"
INVALID = "its numbers do not form a valid key"
SHORT = "its number is written without its leading zeros. Convert it: openssl pkey -in FILE -out NEW.key"
INVALID_OR_MANY_PRIMES = f"{INVALID} (RSA with more than two primes is not supported)"

_REFUSED_KEYS = (
    ("Unknown key type", UNKNOWN),
    ("unsupported private key algorithm", UNKNOWN),
    ("Invalid key", INVALID_OR_MANY_PRIMES),
    ("Invalid private key", INVALID),
    ("EC private key is not encoded properly", SHORT),
)


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
        case UnsupportedAlgorithm() if "explicit parameters" in str(error):
            return EXPLICIT
        case UnsupportedAlgorithm():
            return UNKNOWN
        case ValueError():
            return refused_key(error) or UNUSUAL
    return UNUSUAL


def refused_key(error: BaseException | None) -> str:
    """Why pyca read a key and refuses it, if that is what its ValueError means; else an empty text."""
    return next((reason for words, reason in _REFUSED_KEYS if words in str(error)), "")
