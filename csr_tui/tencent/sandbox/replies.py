"""Refusals, with the codes and the sentences that Tencent Cloud documents."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping


class ApiError(Exception):
    """An `Error` in place of a result."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def result(self) -> dict[str, object]:
        return {"Error": {"Code": self.code, "Message": self.message}}


def envelope(result: Mapping[str, object]) -> bytes:
    """The body of every reply, errors too."""
    return json.dumps({"Response": {**result, "RequestId": str(uuid.uuid4())}}).encode()


def missing(name: str) -> ApiError:
    return ApiError("MissingParameter", f"The request is missing a required parameter `{name}`.")


def unknown(name: str) -> ApiError:
    return ApiError("UnknownParameter", f"The parameter `{name}` is not recognized.")


def wrong_type(name: str, kind: str) -> ApiError:
    return ApiError("InvalidParameter", f"The value type of parameter `{name}` is not valid: `{kind}` is expected.")


def wrong_value(name: str, why: str) -> ApiError:
    return ApiError("InvalidParameterValue", f"The value of parameter `{name}` is not valid: {why}")


def invalid(why: str) -> ApiError:
    return ApiError("FailedOperation.InvalidParam", f"Incorrect parameter: {why}")


def no_such_csr() -> ApiError:
    return ApiError("InvalidParameter.InvalidCSRId", "The CSR ID is invalid.")


def generated_already() -> ApiError:
    return ApiError("FailedOperation", "The CSR has been generated and cannot be modified.")


def too_many(calls: int, limit: int) -> ApiError:
    return ApiError(
        "RequestLimitExceeded",
        f"Your current request times equals to `{calls}` in a second, which exceeds the frequency limit "
        f"`{limit}` for a second. Please reduce the frequency of calls.",
    )
