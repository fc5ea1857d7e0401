"""Facts and the errors that state them; what you can do about one is a `Hint`, which each face words in its own way."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple, Self


class Hint(Enum):
    """A way out. `cli/advice.py` names the command or the flag for it, `ui/advice.py` the key or the place."""

    ADD_CA = auto()
    AT_TERMINAL = auto()
    APPLY = auto()
    ATTACH = auto()
    ATTACH_FIRST = auto()
    CHOOSE_CA = auto()
    CLEAR_KEY = auto()
    CLEAR_OR_PASSWORD = auto()
    CURRENT_PASSWORD = auto()
    DETACH = auto()
    DOCTOR = auto()
    EAB = auto()
    ENCRYPTED_KEY = auto()
    ENDPOINT = auto()
    EXPORT_PASSWORD = auto()
    GENERATE = auto()
    GIVE_UP = auto()
    INSPECT = auto()
    KEYRING = auto()
    KEYRING_OR_ENVIRONMENT = auto()
    LIST = auto()
    LIST_CAS = auto()
    LIST_TRASH = auto()
    LOGIN = auto()
    LOGIN_FIRST = auto()
    MEND = auto()
    NEW_FROM = auto()
    NEW_PASSWORD = auto()
    NO_PASSWORD = auto()
    OBTAIN = auto()
    OWN_PASSWORD = auto()
    PROVE = auto()
    PROMPT_NEEDS_PASSWORD = auto()
    PROMPT_NEEDS_TYPED = auto()
    PROTECT_ACCOUNT = auto()
    RECONCILE = auto()
    RECONCILE_LATER = auto()
    RECONCILE_TYPING = auto()
    REGISTER = auto()
    REMOVE_CA = auto()
    RENEW = auto()
    RENEW_WITH_KEY = auto()
    RESTORE = auto()
    SEND_AGAIN = auto()
    SUBMIT = auto()
    SUBMIT_OR_DETACH = auto()
    TABLE_PASSWORD = auto()
    TOKEN_EXTRA = auto()
    TOKEN_KEY = auto()
    TOKEN_MODULE = auto()
    TOKEN_PIN = auto()
    TRY_PASSWORD = auto()


class Fact(NamedTuple):
    """A sentence about what is the case, and the way out; `record` is the id of the record that this concerns."""

    message: str
    hint: Hint | None = None
    record: str | None = None

    def __str__(self) -> str:
        return self.message


class CsrTuiError(Exception):
    """The same, raised; `kind` names the error in JSON and picks the exit status."""

    kind = "unexpected"

    def __init__(self, message: str, *, hint: Hint | None = None, record: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint
        self.record = record

    @classmethod
    def of(cls, fact: Fact) -> Self:
        """An error that states this."""
        return cls(fact.message, hint=fact.hint, record=fact.record)

    def reworded(self, message: str) -> Self:
        """The same error with another sentence."""
        self.args = (message,)
        return self


class UsageError(CsrTuiError):
    """The command's words do not fit together."""

    kind = "usage"


class StateError(CsrTuiError):
    """Not possible in the state the record is in."""

    kind = "state"


class NotFoundError(CsrTuiError):
    """No record, or more than one, answers to that name."""

    kind = "not_found"


class VaultError(CsrTuiError):
    """The OS keyring is missing, locked, silent, or does not keep what it is given."""

    kind = "keyring"


class PasswordError(CsrTuiError):
    """A key password is wrong, missing, or too weak."""

    kind = "password"


class TokenError(CsrTuiError):
    """A token, its module or its PIN: missing, locked, wrong, or without reply."""

    kind = "token"


class ServiceError(CsrTuiError):
    """Of a service on the network: `code` and `request_id` are its own, None where it gave none or did not answer."""

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        request_id: str | None = None,
        hint: Hint | None = None,
        record: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint, record=record)
        self.code = code
        self.request_id = request_id


class RefusedError(ServiceError):
    """The service refused, or was not reached: nothing happened there."""

    kind = "refused"


class UnreachableError(RefusedError):
    """No connection was made, so nothing was sent."""


class RateLimitedError(RefusedError):
    """Too many calls within a second; refused before anything was done."""


class UnknownOutcomeError(ServiceError):
    """Something was sent to the service, and what came of it is not known."""

    kind = "unknown"


class WaitingError(CsrTuiError):
    """It waits for you, or for the CA."""

    kind = "waiting"


class FileError(CsrTuiError):
    """A file or folder is in the way, or cannot be read or written."""

    kind = "file"


class StorageError(FileError):
    """The store cannot be opened, read or written."""
