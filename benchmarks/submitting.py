"""A hundred records submitted to a sandbox that takes 300 ms for each answer, against the floor that the rate sets.

The floor is the calls of the busiest action at ten a second. The sandbox has a process of its own.
"""

import multiprocessing
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from keyring.backend import KeyringBackend
from measuring import row

from csr_tui.core.custody import Custody
from csr_tui.core.fields import Subject
from csr_tui.core.record import KeySpec, Record, new_id
from csr_tui.core.secret import Secret
from csr_tui.errors import CsrTuiError
from csr_tui.lifecycle.tencent import submit, submit_many
from csr_tui.storage import RecordStore
from csr_tui.tencent.client import Client
from csr_tui.tencent.endpoint import Credentials, endpoint_of
from csr_tui.tencent.sandbox import Sandbox
from csr_tui.vault import Vault

RECORDS = 100
LATENCY = 0.3
RATE = 10


class Keyring(KeyringBackend):
    """A keyring that answers at once: the network is what is measured."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring's
        self._kept: dict[str, str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self._kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._kept[username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self._kept[username]


def serve(pipe: Connection) -> None:
    """Be the sandbox until told to stop, then say when each call arrived."""
    arrived: defaultdict[str, list[float]] = defaultdict(list)

    def slowly(action: str, answer: Callable[[], bytes]) -> bytes:
        arrived[action].append(time.monotonic())
        time.sleep(LATENCY)
        return answer()

    with Sandbox(deliver=slowly) as sandbox:
        pipe.send((sandbox.endpoint, sandbox.secret_id, sandbox.secret_key))
        pipe.recv()
    pipe.send(dict(arrived))


def most_in_a_second(moments: list[float]) -> int:
    """The most calls within any second."""
    moments.sort()
    return max(sum(start <= one < start + 1 for one in moments) for start in moments)


def main() -> None:
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,))
    server.start()
    endpoint, secret_id, secret_key = ours.recv()
    client = Client(endpoint_of(endpoint), Credentials(secret_id, Secret(secret_key)))
    client.page()
    vault = Vault(backend=Keyring())
    with tempfile.TemporaryDirectory() as folder, RecordStore(Path(folder) / "records.db") as store:
        subject = Subject("www.example.com", "Example Ltd", "IT", "pki@example.com", "Hunan", "Changsha", "CN")
        drafts = [
            store.add(Record(new_id(), subject=subject, key=KeySpec("ECC", "prime256v1"))) for _ in range(RECORDS)
        ]
        options = submit.SubmitOptions(Custody.RANDOM_KEYRING)
        before = time.perf_counter()
        ended = submit_many.submit_all(drafts, lambda draft: submit.submit(store, vault, client, draft, options))
        took = time.perf_counter() - before
    ours.send("stop")
    arrived = ours.recv()
    server.join()
    failed = [one.error for one in ended if isinstance(one.error, CsrTuiError)]
    busiest = max(map(len, arrived.values()))
    what = f"time to submit {RECORDS} records, each reply after {LATENCY * 1000:.0f} ms"
    row(what, f"{RATE:.0f} calls a second of the busiest action", took / (busiest / RATE), "at most 1.1")
    most = max(map(most_in_a_second, arrived.values()))
    row("calls of one action in the busiest second", "the limit of Tencent Cloud", most / RATE, "at most 1")
    assert not failed, failed


if __name__ == "__main__":
    main()
