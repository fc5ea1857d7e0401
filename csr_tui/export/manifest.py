"""What was tried with a bundle, and the manifest that says so beside it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

from csr_tui.core.bundle import BundleFile
from csr_tui.core.record import Record

MADE_BY = "csr-tui"


class Verdict(StrEnum):
    """What came of a trial; `not proven` is what could not be tried."""

    PROVEN = "proven"
    NOT_PROVEN = "not proven"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Proof:
    """One trial: what was tried, what came of it, by which program in which version, and its words or ours."""

    what: str
    verdict: Verdict
    tool: str
    detail: str


def manifest(record: Record, target: str, files: tuple[BundleFile, ...], proofs: tuple[Proof, ...]) -> bytes:
    """JSON that says the same whenever the same files come to the same results: there is no time in it."""
    document = {
        "made_by": MADE_BY,
        "record": record.id,
        "domain": record.subject.domain,
        "target": target,
        "key_fingerprint": record.key_fingerprint,
        "not_after": None if record.not_after is None else f"{record.not_after:%Y-%m-%dT%H:%M:%SZ}",
        "files": [
            {"name": one.name, "mode": f"{one.mode:04o}", "sha256": hashlib.sha256(one.data).hexdigest()}
            for one in files
        ],
        "proof": [
            {"what": one.what, "verdict": str(one.verdict), "tool": one.tool, "said": one.detail} for one in proofs
        ],
    }
    return (json.dumps(document, indent=2) + "\n").encode("ascii")


def is_manifest(data: bytes) -> bool:
    """Whether a file is one of ours, which may be written anew without asking."""
    try:
        found = json.loads(data)
    except ValueError:
        return False
    return isinstance(found, dict) and found.get("made_by") == MADE_BY
