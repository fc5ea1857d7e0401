"""The library for PKCS #11, which is an extra, and its errors as sentences."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from csr_tui.core.text import escaped
from csr_tui.errors import CsrTuiError, Hint, TokenError

LONGEST = 200

_SENTENCES = {
    "PinIncorrect": "The PIN is wrong.",
    "PinLocked": "The PIN is locked, after too many wrong ones. Its administrator can unlock it.",
    "PinExpired": "The PIN has expired. Change it with the token's own program.",
    "PinInvalid": "The PIN has characters that the token does not accept.",
    "PinLenRange": "The PIN is too short or too long for the token.",
    "UserPinNotInitialized": "The token has no PIN yet. Set one with the token's own program.",
    "TokenNotPresent": "The token was removed.",
    "DeviceRemoved": "The token was removed.",
    "TokenNotRecognised": "The module does not recognize this token.",
    "TokenWriteProtected": "The token is write-protected.",
    "DeviceMemory": "The token is full.",
    "MechanismInvalid": "The token cannot do this with such a key.",
    "KeySizeRange": "The token does not support keys of this size.",
    "DomainParamsInvalid": "The token does not support this curve.",
    "FunctionNotSupported": "The token does not support this.",
    "UserNotLoggedIn": "The token requires its PIN for this.",
    "FunctionCancelled": "It was cancelled on the token.",
    "FunctionFailed": "The token failed to do this.",
    "GeneralError": "It failed without a reason.",
    "DeviceError": "The token failed.",
    "KeyFunctionNotPermitted": "The key may not be used for signatures.",
    "TemplateInconsistent": "The token does not accept such a key.",
    "AttributeValueInvalid": "The token does not accept such a key.",
}
"""An error of the library, by its name, as people call it."""


def check_library() -> None:
    """TokenError where python-pkcs11 is not installed; loads nothing."""
    if importlib.util.find_spec("pkcs11") is None:
        raise _missing()


def load() -> ModuleType:
    """python-pkcs11; TokenError where it is not installed."""
    try:
        return importlib.import_module("pkcs11")
    except ImportError:
        raise _missing() from None


def _missing() -> TokenError:
    return TokenError("Tokens need the Python package python-pkcs11, which is missing.", hint=Hint.TOKEN_EXTRA)


@contextmanager
def errors(where: str) -> Iterator[None]:
    """Whatever a module or a token refuses becomes a TokenError, which begins with `where`, such as `Token Office`."""
    try:
        yield
    except CsrTuiError:
        raise
    except Exception as error:  # the library's own, and what its C part raises
        name, text = type(error).__name__, escaped(" ".join(str(error).split()))[:LONGEST]
        reason = f"{name}: {text}" if text else name
        raise TokenError(f"{where}: {_SENTENCES.get(name, f'{reason}.')}") from error
