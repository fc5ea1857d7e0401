"""Java: one PKCS#12, and `keytool -list`."""

from __future__ import annotations

from csr_tui.core import bundle
from csr_tui.core.usages import USAGES
from csr_tui.export.manifest import Proof, Verdict
from csr_tui.export.targets import program
from csr_tui.export.targets.target import Check, KeyFormat, Part, Placed, Snippet, Target, TargetFile, shell

OLD_JAVA = (
    "Java before 8u301 and 11.0.12 does not know its encryption (AES-256, SHA-256), and reports that the keystore "
    "password was incorrect. Update Java; the file for Windows has an older encryption, which it reads."
)
NEVER_OPEN = "Without a password, keytool would show an empty store and no error."


def _snippet(files: Placed) -> Snippet:
    usage = USAGES[files.record.usage]
    server = (
        f"server.ssl.key-store={files.certificate}",
        "server.ssl.key-store-type=PKCS12",
        f"server.ssl.key-alias={bundle.alias(files.record.subject.domain)}",
    )
    client = (f"-Djavax.net.ssl.keyStore={shell(files.certificate)}", "-Djavax.net.ssl.keyStoreType=PKCS12")
    return Snippet(
        (*(server if usage.serves else ()), *(client if "clientAuth" in usage.extended_key_usage else ())),
        (NEVER_OPEN, OLD_JAVA),
        (("List its contents", f"keytool -list -v -storetype PKCS12 -keystore {shell(files.certificate)}"),),
    )


def _check(keytool: str, files: Placed) -> Proof:
    password = files.password.reveal() if files.password else ""
    if not password.isascii():
        raise program.NotTriedError("keytool and many Java programs read passwords in ASCII only")
    java = program.which("java")
    version = program.run([java, "-version"]).output.partition("\n")[0] if java else "keytool"
    command = [keytool, "-list", "-v", "-storetype", "PKCS12", "-keystore", str(files.certificate)]
    ran = program.run(command, stdin=f"{password}\n")
    alias = bundle.alias(files.record.subject.domain)
    whole = "Entry type: PrivateKeyEntry" in ran.output and f"Alias name: {alias}" in ran.output
    if ran.status == 0 and whole:
        return Proof("keytool -list", Verdict.PROVEN, version, f"it shows the key {alias} and its chain")
    detail = program.short(ran.output.replace("Enter keystore password:", ""))
    return Proof("keytool -list", Verdict.REFUSED, version, detail)


JAVA = Target(
    "java",
    "Java, PKCS#12",
    "<domain>.p12: PKCS#12, never without a password",
    (TargetFile(".p12", (Part.PKCS12,), "key, certificate, intermediates; PKCS#12"),),
    _snippet,
    Check("keytool -list", ("keytool",), _check),
    KeyFormat.PKCS12,
)
