"""The sandbox, judged by the vendor's own SDK and by requests signed by hand."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import serialization
from tencent.conftest import DRAFT, GENERATED, REQUEST, ByHand, Clock
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from csr_tui.core import csr
from csr_tui.errors import UsageError
from csr_tui.tencent import signing
from csr_tui.tencent.sandbox import Sandbox
from csr_tui.tencent.sandbox.http import MOST

if TYPE_CHECKING:
    from collections.abc import Callable


def sdk_for(
    sandbox: Sandbox, *, unsigned: bool = False, with_scheme: bool = False, method: str = "POST"
) -> Callable[..., dict[str, Any]]:
    """The vendor's client, as its users set it up."""
    endpoint = sandbox.endpoint if with_scheme else sandbox.endpoint.removeprefix("http://")
    profile = ClientProfile(
        httpProfile=HttpProfile(protocol="http", endpoint=endpoint, reqMethod=method), language="en-US"
    )
    profile.unsignedPayload = unsigned
    client = CommonClient("ssl", "2019-12-05", Credential(sandbox.secret_id, sandbox.secret_key), "", profile)
    return lambda action, parameters: dict(client.call_json(action, parameters)["Response"])


@pytest.fixture
def sdk(sandbox: Sandbox) -> Callable[..., dict[str, Any]]:
    return sdk_for(sandbox)


# The vendor's client


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_the_sdk_creates_reads_changes_generates_lists_and_deletes(sandbox: Sandbox, method: str) -> None:
    sdk = sdk_for(sandbox, method=method)
    created = sdk("CreateCSR", DRAFT | {"Remark": "one", "Tags": [{"TagKey": "team", "TagValue": "web"}]})
    draft = sdk("DescribeCSR", {"CSRId": created["Id"]})
    sdk("ModifyCSR", {"CSRId": created["Id"], "Generate": True, "City": "Zhuzhou", "Remark": "two", "KeyPassword": "s"})
    done = sdk("DescribeCSR", {"CSRId": created["Id"]})
    listed = sdk("DescribeCSRSet", {"Limit": 10, "Offset": 0})
    deleted = sdk("BatchDeleteCSR", {"CSRIds": [created["Id"], 1]})

    assert (draft["Remarks"], draft["Status"], draft["CSR"], draft["PrivateKey"]) == ("one", 0, None, None)
    assert (done["Remarks"], done["Status"], done["City"], done["KeyPassword"]) == ("two", 1, "Zhuzhou", "s")
    assert csr.read(done["CSR"]).signature_valid
    assert serialization.load_pem_private_key(done["PrivateKey"].encode(), b"s")
    assert (listed["Total"], [row["Id"] for row in listed["Set"]]) == (1, [created["Id"]])
    assert not {"CSR", "PrivateKey", "KeyPassword", "Tags"} & listed["Set"][0].keys()
    assert deleted["Success"] == [created["Id"]]


@pytest.mark.parametrize(("unsigned", "with_scheme"), [(True, False), (False, True), (True, True)])
def test_the_sdk_is_understood_in_its_other_ways(sandbox: Sandbox, unsigned: bool, with_scheme: bool) -> None:
    assert sdk_for(sandbox, unsigned=unsigned, with_scheme=with_scheme)("CreateCSR", DRAFT)["Id"] > 0


def test_the_sdk_sees_every_refusal_with_its_request_id(sdk: Callable[..., dict[str, Any]]) -> None:
    with pytest.raises(TencentCloudSDKException) as refused:
        sdk("DescribeCSR", {"CSRId": 1})

    assert refused.value.code == "InvalidParameter.InvalidCSRId"
    assert len(refused.value.requestId) == 36


# The signature


def test_a_request_signed_by_hand_is_taken(by_hand: ByHand) -> None:
    assert by_hand.code("CreateCSR", DRAFT) is None
    assert by_hand.code("CreateCSR", DRAFT, signed=("content-type", "host", "x-tc-action")) is None


def test_what_is_not_signed_as_it_was_sent_is_refused(by_hand: ByHand) -> None:
    forged = json.dumps(DRAFT | {"Domain": "evil.example.com"}).encode()

    refused = [
        by_hand.code("CreateCSR", DRAFT, secret_key="0" * 32),
        by_hand.code("CreateCSR", DRAFT, scope_date="2019-02-25"),
        by_hand.code("CreateCSR", DRAFT, signed_body=forged),
        by_hand.code("CreateCSR", DRAFT, signed=("content-type",)),
        by_hand.code("CreateCSR", DRAFT, signed=("host",)),
    ]

    assert refused == ["AuthFailure.SignatureFailure"] * 5
    assert by_hand.code("CreateCSR", DRAFT, secret_id="AKIDsomebodyelse") == "AuthFailure.SecretIdNotFound"
    assert by_hand.code("CreateCSR", DRAFT, extra={"x-tc-token": "t"}) == "AuthFailure.TokenFailure"
    assert by_hand.code("DescribeCSRSet", {}) is None
    assert by_hand.send("DescribeCSRSet", {})["Total"] == 0


def test_only_the_one_who_says_so_leaves_the_body_unsigned(by_hand: ByHand) -> None:
    unsigned = {"x-tc-content-sha256": "UNSIGNED-PAYLOAD"}

    assert by_hand.code("CreateCSR", DRAFT, signed_body=b"UNSIGNED-PAYLOAD", extra=unsigned) is None
    assert by_hand.code("CreateCSR", DRAFT, signed_body=b"UNSIGNED-PAYLOAD") == "AuthFailure.SignatureFailure"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(299, None), (301, "AuthFailure.SignatureExpire"), (-299, None), (-301, "AuthFailure.SignatureExpire")],
)
def test_a_replay_counts_for_five_minutes(by_hand: ByHand, clock: Clock, seconds: int, code: str | None) -> None:
    moment = int(time.time())
    assert by_hand.code("DescribeCSRSet", {}, timestamp=moment) is None

    clock.at = moment + seconds

    assert by_hand.code("DescribeCSRSet", {}, timestamp=moment) == code


@pytest.mark.parametrize("header", ["TC3-HMAC-SHA256", "Bearer x", "TC3-HMAC-SHA256 Credential=a/b, Signature=c", "é"])
def test_no_authorization_of_another_form_is_taken(sandbox: Sandbox, header: str) -> None:
    from csr_tui.tencent.sandbox.gate import Call, check_signature
    from csr_tui.tencent.sandbox.replies import ApiError

    with pytest.raises(ApiError) as refused:
        check_signature(Call({"authorization": header}, b""), "id", "key", 0)

    assert refused.value.code == "AuthFailure.InvalidAuthorization"


# Parameters


@pytest.mark.parametrize("name", [*REQUEST, "Generate"])
def test_each_required_parameter_is_missed(by_hand: ByHand, name: str) -> None:
    assert by_hand.code("CreateCSR", {key: DRAFT[key] for key in DRAFT if key != name}) == "MissingParameter"


@pytest.mark.parametrize(
    ("action", "parameters", "code"),
    [
        ("CreateCSR", DRAFT | {"SAN": "b.example.com"}, "UnknownParameter"),
        ("CreateCSR", DRAFT | {"Generate": "true"}, "InvalidParameter"),
        ("CreateCSR", DRAFT | {"Domain": 1}, "InvalidParameter"),
        ("CreateCSR", DRAFT | {"Tags": [{"Key": "a", "Value": "b"}]}, "InvalidParameter"),
        ("CreateCSR", DRAFT | {"Domain": " "}, "FailedOperation.InvalidParam"),
        ("CreateCSR", DRAFT | {"EncryptAlgo": "DSA"}, "FailedOperation.InvalidParam"),
        ("CreateCSR", DRAFT | {"KeyParameter": "3072"}, "FailedOperation.InvalidParam"),
        ("ModifyCSR", {"CSRId": 1, "Generate": False, "Tags": []}, "UnknownParameter"),
        ("ModifyCSR", {"CSRId": 1}, "MissingParameter"),
        ("ModifyCSR", {"CSRId": True, "Generate": False}, "InvalidParameter"),
        ("ModifyCSR", {"CSRId": 1, "Generate": False}, "InvalidParameter.InvalidCSRId"),
        ("DescribeCSR", {"CSRId": 2**63}, "InvalidParameter"),
        ("DescribeCSR", {"Id": 1}, "UnknownParameter"),
        ("DescribeCSRSet", {"Limit": 101}, "InvalidParameterValue"),
        ("DescribeCSRSet", {"Limit": -1}, "InvalidParameter"),
        ("BatchDeleteCSR", {"CSRIds": list(range(101))}, "InvalidParameterValue"),
        ("BatchDeleteCSR", {"CSRIds": ["1"]}, "InvalidParameter"),
        ("CreateCertificate", {}, "InvalidAction"),
        ("DescribeCSRSet", [], "InvalidParameter"),
    ],
)
def test_what_does_not_fit_the_api_is_refused(by_hand: ByHand, action: str, parameters: object, code: str) -> None:
    assert by_hand.code(action, parameters) == code


def test_another_version_and_a_body_that_is_no_json_are_refused(by_hand: ByHand) -> None:
    assert by_hand.code("DescribeCSRSet", {}, extra={"x-tc-version": "2017-03-12"}) == "NoSuchVersion"
    assert by_hand.code("DescribeCSRSet", None, body=b"{") == "InvalidParameter"
    assert by_hand.code("DescribeCSRSet", None, body=b"[" * 100_000) == "InvalidParameter"


# The records


def test_a_generated_record_never_changes_again(by_hand: ByHand) -> None:
    made = by_hand.send("CreateCSR", GENERATED)["Id"]
    before = by_hand.send("DescribeCSR", {"CSRId": made})

    for generate in (True, False):
        assert by_hand.code("ModifyCSR", {"CSRId": made, "Generate": generate, "City": "X"}) == "FailedOperation"

    after = by_hand.send("DescribeCSR", {"CSRId": made})
    assert {**before, "RequestId": ""} == {**after, "RequestId": ""}
    assert before["RequestId"] != after["RequestId"]


def test_the_csr_says_what_was_asked_for(by_hand: ByHand) -> None:
    made = by_hand.send("CreateCSR", GENERATED | {"EncryptAlgo": "RSA", "KeyParameter": "2048", "Country": "China"})
    told = by_hand.send("DescribeCSR", {"CSRId": made["Id"]})

    request = csr.read(told["CSR"])

    assert {short: value for short, _, value in request.subject} == {
        "C": "CN",
        "ST": "Hunan",
        "L": "Changsha",
        "O": "Example Ltd",
        "OU": "IT",
        "CN": "www.example.com",
        "email": "pki@example.com",
    }
    assert request.sans == ("www.example.com",)
    assert "ENCRYPTED" not in told["PrivateKey"]


def test_with_quirks_it_answers_as_the_documented_sample(clock: Clock) -> None:
    with Sandbox(clock=clock, quirks=True) as quirky:
        by_hand = ByHand(quirky)
        for spec in ({"EncryptAlgo": "RSA", "KeyParameter": "2048"}, {}):
            made = by_hand.send("CreateCSR", GENERATED | spec | {"KeyPassword": "s"})["Id"]
            told = by_hand.send("DescribeCSR", {"CSRId": made})

            request = csr.read(told["CSR"])

            assert [short for short, _, _ in request.subject] == ["CN", "O", "L", "ST", "C"]
            assert (request.sans, request.signature_hash, request.signature_valid) == ((), "SHA-1", True)
            assert told["CSR"].count("\r\n") == told["CSR"].count("\n") > 5
            assert (told["PrivateKey"], told["KeyPassword"]) == (None, "s")


def test_lists_are_paged_and_filtered(by_hand: ByHand) -> None:
    made = [by_hand.send("CreateCSR", DRAFT | {"Domain": f"{n}.example.com"})["Id"] for n in range(5)]
    by_hand.send("CreateCSR", DRAFT | {"Domain": "other.org", "EncryptAlgo": "RSA", "KeyParameter": "4096"})

    page = by_hand.send("DescribeCSRSet", {"Limit": 2, "Offset": 2, "Domain": "example.com"})

    assert (page["Total"], [row["Id"] for row in page["Set"]]) == (5, [made[2], made[1]])
    assert by_hand.send("DescribeCSRSet", {"EncryptAlgo": "RSA"})["Total"] == 1
    assert by_hand.send("DescribeCSRSet", {"Offset": 99})["Set"] == []


def test_no_more_than_ten_calls_of_one_action_pass_in_a_second(by_hand: ByHand) -> None:
    codes = [by_hand.code("DescribeCSRSet", {}) for _ in range(12)]

    assert codes.count("RequestLimitExceeded") == 2
    assert by_hand.code("CreateCSR", DRAFT) is None


def test_it_listens_on_loopback_and_says_when_a_port_is_taken(sandbox: Sandbox) -> None:
    port = int(sandbox.endpoint.rpartition(":")[2])

    assert sandbox.endpoint.startswith("http://127.0.0.1:")
    with pytest.raises(UsageError, match=f"port {port}"):
        Sandbox(port=port)
    with pytest.raises(UsageError):
        Sandbox(port=70_000)


def test_the_date_of_the_scope_is_the_timestamps(by_hand: ByHand) -> None:
    moment = int(time.time())

    assert by_hand.code("DescribeCSRSet", {}, timestamp=moment, scope_date=signing.date_of(moment)) is None


# HTTP


def raw(sandbox: Sandbox, *pieces: bytes) -> tuple[bytes, dict[str, Any]]:
    """The head of the reply to these bytes, and the `Response` in it."""
    host, _, port = sandbox.endpoint.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        for piece in pieces:
            connection.sendall(piece)
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            assert more, data
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split()[0])
        while len(body) < length:
            body += connection.recv(65536)
    return head, dict(json.loads(body)["Response"])


HEAD = b"Host: x\r\nX-TC-Action: DescribeCSRSet\r\nX-TC-Version: 2019-12-05\r\n"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (b"PUT / HTTP/1.1\r\n" + HEAD + b"\r\n", "UnsupportedProtocol"),
        (b"DELETE / HTTP/1.1\r\n" + HEAD + b"\r\n", "UnsupportedProtocol"),
        (b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: -1\r\n\r\n", "InvalidRequest"),
        (b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: x\r\n\r\n", "InvalidRequest"),
        (b"POST / HTTP/1.1\r\n" + HEAD + b"\r\n", "InvalidRequest"),
        (b"POST / HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "InvalidRequest"),
        (b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 99999999999\r\n\r\n", "RequestSizeLimitExceeded"),
        (b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: " + b"9" * 9000 + b"\r\n\r\n", "RequestSizeLimitExceeded"),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", "RequestSizeLimitExceeded"),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n", "RequestSizeLimitExceeded"),
        (b"nonsense\r\n\r\n", "InvalidRequest"),
        (b"GET / HTTP/9.9\r\n\r\n", "InvalidRequest"),
        (b"GET /\r\n\r\n", "InvalidAction"),
        (b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 2\r\n\r\n{}", "MissingParameter"),
        (b"GET /?Limit=1 HTTP/1.1\r\n" + HEAD + b"\r\n", "MissingParameter"),
        (b"GET /?Limit=1 HTTP/1.1\r\nHost: x\r\n\r\n", "InvalidAction"),
    ],
)
def test_every_reply_has_the_envelope_and_the_type(sandbox: Sandbox, request_: bytes, code: str) -> None:
    head, response = raw(sandbox, request_)

    lines = head.split(b"\r\n")
    assert lines[0] == b"HTTP/1.1 200 OK"
    assert [line for line in lines if line.lower().startswith(b"content-type")] == [b"Content-Type: application/json"]
    assert response["Error"]["Code"] == code
    assert response["Error"]["Message"]
    assert response["RequestId"]


def refused(sandbox: Sandbox, method: str, body: bytes) -> str:
    """The code of the reply to a caller that sends its whole request before it looks at one."""
    connection = http.client.HTTPConnection(sandbox.endpoint.removeprefix("http://"), timeout=30)
    try:
        connection.request(method, "/", body)
        return str(json.loads(connection.getresponse().read())["Response"]["Error"]["Code"])
    finally:
        connection.close()


@pytest.mark.parametrize(("method", "code"), [("POST", "RequestSizeLimitExceeded"), ("PUT", "UnsupportedProtocol")])
def test_a_body_that_is_too_large_is_read_to_its_end_before_it_is_refused(
    sandbox: Sandbox, method: str, code: str
) -> None:
    assert refused(sandbox, method, b" " * (12 << 20)) == code


@pytest.mark.parametrize(
    ("action", "query", "code"),
    [
        ("DescribeCSRSet", "Limit=1&Offset=0&Domain=a%20b", None),
        ("DescribeCSRSet", "Limit=x", "InvalidParameter"),
        ("DescribeCSRSet", "Limit=-1", "InvalidParameter"),
        ("DescribeCSRSet", "Limit=101", "InvalidParameterValue"),
        ("DescribeCSRSet", "Limit=" + "9" * 5000, "InvalidParameter"),
        ("DescribeCSRSet", "Wrong=1", "UnknownParameter"),
        ("DescribeCSR", "", "MissingParameter"),
        ("DescribeCSR", "CSRId=5", "InvalidParameter.InvalidCSRId"),
        ("BatchDeleteCSR", "CSRIds.0=5&CSRIds.1=6", None),
        ("BatchDeleteCSR", "CSRIds.0=5&CSRIds.1=x", "InvalidParameter"),
        ("BatchDeleteCSR", "CSRIds=5", "InvalidParameter"),
        ("DescribeCSRSet", "&".join(f"a{number}=1" for number in range(3000)), "InvalidParameter"),
    ],
)
def test_the_parameters_of_a_get_have_their_types(by_hand: ByHand, action: str, query: str, code: str | None) -> None:
    assert by_hand.get(action, query).get("Error", {}).get("Code") == code


def test_a_get_whose_query_was_changed_on_its_way_is_refused(by_hand: ByHand) -> None:
    assert by_hand.get("DescribeCSRSet", "Limit=1", sent="Limit=2")["Error"]["Code"] == "AuthFailure.SignatureFailure"
    assert by_hand.get("DescribeCSRSet", "Limit=1", method="POST")["Error"]["Code"] == "AuthFailure.SignatureFailure"


def test_a_request_that_drips_is_cut_off(clock: Clock) -> None:
    with Sandbox(clock=clock, patience=0.3) as sandbox:
        host, _, port = sandbox.endpoint.removeprefix("http://").partition(":")
        for start in (b"POST / HT", b"POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n{"):
            with socket.create_connection((host, int(port)), timeout=30) as connection:
                connection.sendall(start)
                connection.settimeout(0.05)
                for _ in range(600):
                    try:
                        assert connection.recv(1) == b""
                        break
                    except TimeoutError:
                        connection.sendall(b" ")
                    except ConnectionError:
                        break
                else:
                    pytest.fail("it went on for half a minute")


def test_connections_are_bounded_and_one_too_many_is_told(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox._server, "_free", threading.Semaphore(2))
    port = int(sandbox.endpoint.rpartition(":")[2])
    idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(2)]

    _, response = raw(sandbox)
    codes = {refused(sandbox, "POST", b" " * size) for size in (2, 1 << 20) for _ in range(10)}
    for one in idle:
        one.close()

    assert response["Error"]["Code"] == "RequestLimitExceeded"
    assert codes == {"RequestLimitExceeded"}
    assert MOST <= 200
