"""What a person can do something about: each error's text is the sentence they read."""

from __future__ import annotations


class CsrTuiError(Exception):
    """Something went wrong that a person can understand; `kind` names it in JSON and picks the exit status."""

    kind = "unexpected"


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
    """The OS keyring is missing, locked, silent, or does not keep what it is given; `reason` leaves out what to do."""

    kind = "keyring"

    def __init__(self, reason: str, way_out: str = "") -> None:
        super().__init__(f"{reason} {way_out}".rstrip())
        self.reason = reason


class PasswordError(CsrTuiError):
    """A key password is wrong, missing, or too weak."""

    kind = "password"


class ServiceError(CsrTuiError):
    """Of a service on the network: `code` and `request_id` are its own, None where it gave none or did not answer."""

    def __init__(self, message: str, *, code: str | None = None, request_id: str | None = None) -> None:
        super().__init__(message)
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


class FileError(CsrTuiError):
    """A file or folder is in the way, or cannot be read or written."""

    kind = "file"


class StorageError(FileError):
    """The store cannot be opened, read or written."""
