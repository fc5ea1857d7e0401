"""haproxy: one file with a clear key, and `haproxy -c`."""

from __future__ import annotations

from csr_tui.export.manifest import Proof
from csr_tui.export.targets import program
from csr_tui.export.targets.target import Check, KeyFormat, Part, Placed, Snippet, Target, TargetFile, shell
from csr_tui.paths import scratch


def _snippet(files: Placed) -> Snippet:
    return Snippet(
        ("frontend https", f"    bind :443 ssl crt {shell(files.certificate)}", "    default_backend web"),
        ("haproxy loads one file and cannot ask for a password: the key in it is not encrypted.",),
    )


def _check(haproxy: str, files: Placed) -> Proof:
    version = program.run([haproxy, "-v"]).output.partition("\n")[0]
    with scratch() as folder:
        path = folder / "haproxy.cfg"
        path.write_text(
            "global\n    ssl-default-bind-options ssl-min-ver TLSv1.2\n    tune.ssl.default-dh-param 2048\n"
            "defaults\n    mode http\n    timeout client 1s\n    timeout server 1s\n    timeout connect 1s\n"
            f"frontend trial\n    bind unix@{folder}/socket ssl crt {shell(files.certificate)}\n",
            "utf-8",
        )
        ran = program.run([haproxy, "-c", "-f", str(path)])
    return program.verdict_of("haproxy -c", version, ran, files)


HAPROXY = Target(
    "haproxy",
    "haproxy",
    "<domain>.haproxy.pem: certificate, intermediates, clear key",
    (TargetFile(".haproxy.pem", (Part.CHAIN, Part.KEY), "certificate, intermediates, key"),),
    _snippet,
    Check("haproxy -c", ("haproxy",), _check),
    KeyFormat.CLEAR_PEM,
    serves=True,
)
