"""Caddy as the CA, which keeps its orders: killed together with csr-tui, both go on, with one order each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from csr_tui.lifecycle.steps import Point

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.system

CADDYFILE = """
{
    admin off
    storage file_system caddy-data
    skip_install_trust
    http_port 8480
    https_port 14100
    auto_https disable_redirects
}
https://localhost:14100 {
    bind 127.0.0.1
    tls internal
    acme_server
}
"""

KILLED = """
import functools, os, sys
from csr_tui.cli.main import main
from csr_tui.lifecycle.obtain import order

def reached(label):
    if label == os.environ["KILLED_AT"]:
        os.kill(os.getpid(), 9)

order.obtain = functools.partial(order.obtain, reached=reached)
sys.exit(main(sys.argv[1:]))
"""

SCRIPT = """
set -eu
ip link set lo up
mount --bind resolv.conf /etc/resolv.conf
pebble-challtestsrv -dns01 127.0.0.1:53 -management 127.0.0.1:8055 -http01 "" -https01 "" -tlsalpn01 "" \\
    -defaultIPv6 "" > dns.log 2>&1 &
mkdir www
python -m http.server -d www -b 127.0.0.1 80 > www.log 2>&1 &
start() {
    caddy run --config Caddyfile --adapter caddyfile 2>> caddy.log & caddy=$!
    until curl -s --cacert caddy-data/pki/authorities/local/root.crt -o /dev/null \
        https://localhost:14100/acme/local/directory; do sleep 0.05; done
}
start
csr-tui ca add caddy --directory https://localhost:14100/acme/local/directory \
    --ca-file caddy-data/pki/authorities/local/root.crt --agree --protect unprotected >&2
i=0
for point in "$@"; do
    i=$((i + 1))
    id=$(csr-tui new --domain host$i.example.com --purpose private --algorithm ECC)
    csr-tui generate "$id" --no-password --protect unprotected >&2
    KILLED_AT=$point python killed.py obtain "$id" --webroot www >&2 && exit 1 || test $? = 137
    kill -9 $caddy; wait $caddy 2>/dev/null || true
    before=$(csr-tui show "$id" --json | python -c 'import json, sys; print(json.load(sys.stdin)["order"]["url"])')
    start
    csr-tui obtain "$id" --wait 1m --json > after.json
    test -z "$(ls -A www)"
    python -c 'import json, sys; after = json.load(open("after.json")); print(json.dumps([sys.argv[1], after["state"],
        after["order"]["url"] == sys.argv[2], after["order"]["stage"]]))' "$point" "$before"
done
"""

POINTS = (Point.PROOF_ANSWERED, Point.FINALISE_ANSWERED)


def test_killed_with_its_ca_it_goes_on_with_the_same_order(tmp_path: Path, require: Callable[..., None]) -> None:
    require("caddy", "curl", "ip", "mount", "pebble-challtestsrv", "unshare")
    (tmp_path / "Caddyfile").write_text(CADDYFILE)
    (tmp_path / "killed.py").write_text(KILLED)
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")

    done = subprocess.run(
        ["unshare", "-rmnpf", "--mount-proc", "--kill-child", "bash", "-c", SCRIPT, "bash", *POINTS],
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        [str(point), "issued", True, "confirmed"] for point in POINTS
    ]
