"""Plain PEM files: key, CSR, and both in one; the only files of a record without a certificate."""

from csr_tui.export.targets.target import Part, Snippet, Target, TargetFile

PEM = Target(
    "pem",
    "PEM files",
    "<domain>.key, .csr and .private-bundle.pem (key, certificate or CSR)",
    (
        TargetFile(".key", (Part.KEY,), "the private key"),
        TargetFile(".csr", (Part.CSR,), "the request, for the CA"),
        TargetFile(
            ".private-bundle.pem",
            (Part.WARNING, Part.KEY, Part.CHAIN_OR_CSR),
            "the key, then certificate and intermediates; not for the CA",
            holds_before="the key, then request; not for the CA",
        ),
    ),
    lambda _: Snippet(),
    check=None,
    needs_certificate=False,
    on_token=lambda *_: Snippet(),
)
