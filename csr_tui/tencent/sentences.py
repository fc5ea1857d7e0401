"""What each error code means, and what to do about it."""

from __future__ import annotations

from csr_tui.core.text import escaped
from csr_tui.errors import CsrTuiError, Hint, RateLimitedError, RefusedError, UnknownOutcomeError
from csr_tui.tencent import api

REFUSED = (
    "AuthFailure",
    "UnauthorizedOperation",
    "MissingParameter",
    "InvalidParameter",
    "InvalidParameterValue",
    "UnknownParameter",
    "RequestLimitExceeded",
    "FailedOperation.InvalidParam",
    "FailedOperation.CAMAuthorizedFail",
)
"""Codes, and beginnings of codes before a dot, after which nothing happened there for certain."""

NO_PERMISSION = (
    "This API key has no permission for that. Give its user the policy QcloudSSLFullAccess in the console (CAM)"
)

MEANINGS = {
    "AuthFailure.SecretIdNotFound": (
        "This SecretId is not known there. Keys belong to one site: is the account on the international site "
        "(console.tencentcloud.com) or on the mainland's (console.cloud.tencent.com)?"
    ),
    "AuthFailure.SignatureFailure": "The SecretKey does not match the SecretId",
    "AuthFailure.SignatureExpire": (
        "This machine's clock is off by more than five minutes. Correct it (timedatectl) and try again"
    ),
    "AuthFailure.InvalidSecretId": "This is not the SecretId of an API key",
    "AuthFailure.InvalidAuthorization": "The signature was not accepted",
    "AuthFailure.TokenFailure": (
        "The temporary token is not valid, or has expired. Get a new one (TENCENTCLOUD_TOKEN), or unset it"
    ),
    "AuthFailure.MFAFailure": "The account requires a second factor, which an API key cannot provide",
    "AuthFailure.UnauthorizedOperation": NO_PERMISSION,
    "AuthFailure": "The account was not accepted",
    "UnauthorizedOperation": NO_PERMISSION,
    "FailedOperation.CAMAuthorizedFail": NO_PERMISSION,
    "RequestLimitExceeded": "Too many calls within a second, perhaps from another program. Wait a moment",
    "MissingParameter": "A required field is missing. Tencent Cloud requires all seven fields of the subject",
    "InvalidParameter.InvalidCSRId": "The CSR record is not in this account. Was it deleted, or is it another's?",
    "InvalidParameter": "A field was not accepted. The message in brackets has the reason",
    "InvalidParameterValue": "A value was not accepted. The message in brackets has the reason",
    "UnknownParameter": "The service does not know one of the fields. Update csr-tui",
    "FailedOperation.InvalidParam": "A field was not accepted. The message in brackets has the reason",
    "FailedOperation.SystemError": "The service failed; it may or may not have completed the request",
    "FailedOperation": "The service could not complete the request; it may or may not have started",
    "InternalError": "The service failed; it may or may not have completed the request",
}
"""Code, or its beginning, -> what it means and what to do; without the full stop."""

WRONG_KEY = {f"AuthFailure{code}" for code in ("", ".SecretIdNotFound", ".SignatureFailure", ".InvalidSecretId")}
WRONG_KEY |= {"AuthFailure.InvalidAuthorization"}
"""Of these, the codes that another API key puts right."""


def unanswered(site: str, action: str, why: str) -> str:
    """The sentence where something was sent, and no usable reply came."""
    if action in api.READS:
        return f"Tencent Cloud ({site}) did not reply to {action}: {why}. Nothing was changed there."
    return f"Sent {action} to Tencent Cloud ({site}); the outcome is unknown: {why}."


def error_of(code: str, message: str, request_id: str) -> CsrTuiError:
    """The error that an `Error` in a reply stands for."""
    known = _best(code)
    meaning = MEANINGS.get(known, "The service refused or failed")
    hint = Hint.LOGIN if known in WRONG_KEY else None
    original = escaped(" ".join(message.split())[:300])
    stop = "" if meaning.endswith("?") else "."
    sentence = (
        f"Tencent Cloud: {meaning}{stop} [{escaped(code[:80]) or 'no code'}: {original}] "
        f"Request id {escaped(request_id[:60]) or 'none'}."
    )
    if code.split(".")[0] == "RequestLimitExceeded":
        return RateLimitedError(sentence, code=code, request_id=request_id, hint=hint)
    if any(code == known or code.startswith(f"{known}.") for known in REFUSED):
        return RefusedError(sentence, code=code, request_id=request_id, hint=hint)
    return UnknownOutcomeError(sentence, code=code, request_id=request_id, hint=hint)


def _best(code: str) -> str:
    """The longest known beginning of a code; empty where none is."""
    parts = code.split(".")
    return next((known for size in range(len(parts), 0, -1) if (known := ".".join(parts[:size])) in MEANINGS), "")
