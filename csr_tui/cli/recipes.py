"""Commands that get a certificate for a record's CSR with other programs."""

from __future__ import annotations

from dataclasses import dataclass
from shlex import quote

from csr_tui.core import bundle
from csr_tui.core.record import Record
from csr_tui.core.text import escaped
from csr_tui.core.usages import USAGES


@dataclass(frozen=True, slots=True)
class Recipe:
    """`lines` are for the shell, with {csr} and {crt} for the files, and {stem} for how both begin.

    `attached` are the files that they leave; `serves`: only for certificates of servers.
    """

    about: str
    lines: str
    attached: str = "{crt}"
    serves: bool = False


RECIPES = (
    Recipe("step-ca (smallstep)", "step ca sign {csr} {crt}"),
    Recipe(
        "OpenBao or HashiCorp Vault; ROLE is the role of your PKI",
        "bao write -field=certificate pki/sign/ROLE csr=@{csr} > {crt}\n"
        "bao read -field=certificate pki/cert/ca_chain > {stem}.chain.pem",
        attached="{crt} {stem}.chain.pem",
    ),
    Recipe(
        "CMP (RFC 9810), with openssl",
        "openssl cmp -cmd p10cr -server HOST:PORT -path PATH -ref NAME -secret pass:SECRET \\\n"
        "  -csr {csr} -trusted CA.pem -certout {crt} -chainout {stem}.chain.pem\n"
        "cat {stem}.chain.pem >> {crt}",
        attached="{crt} CA.pem",
    ),
    Recipe(
        "cfssl", "cfssl sign -ca CA.pem -ca-key CA.key {csr} | cfssljson -bare {stem}", attached="{stem}.pem CA.pem"
    ),
    Recipe(
        "Active Directory Certificate Services, on Windows",
        'certreq -submit -attrib "CertificateTemplate:TEMPLATE" {csr} {crt} {stem}.p7b',
        attached="{crt} {stem}.p7b",
    ),
    Recipe(
        "certbot, with a TXT record that you set",
        "certbot certonly --csr {csr} --fullchain-path {crt} --manual --preferred-challenges dns",
        serves=True,
    ),
    Recipe(
        "EST (RFC 7030), with curl",
        "openssl req -in {csr} -outform DER | openssl base64 |\n"
        "  curl --fail --cacert CA.pem --user NAME -H 'Content-Type: application/pkcs10' \\\n"
        "  -H 'Content-Transfer-Encoding: base64' --data-binary @- \\\n"
        "  https://HOST/.well-known/est/simpleenroll | openssl base64 -d > {stem}.p7b\n"
        "curl --fail --cacert CA.pem https://HOST/.well-known/est/cacerts | openssl base64 -d > {stem}.chain.p7b",
        attached="{stem}.p7b {stem}.chain.p7b",
    ),
)


def text(record: Record) -> str:
    """The recipes for a record with a CSR; words in capitals are to be replaced by the reader."""
    stem = quote(bundle.stem(record.subject.domain))
    words = {"stem": stem, "csr": f"{stem}.csr", "crt": f"{stem}.crt"}
    parts = [
        f"# {escaped(record.subject.domain)} ({record.id}): ways to a certificate. Replace the words in capitals.\n\n"
        f"csr-tui show {record.id} --csr > {words['csr']}\n"
    ]
    for recipe in RECIPES:
        if USAGES[record.usage].serves or not recipe.serves:
            lines = f"{recipe.lines}\ncsr-tui attach {record.id} {recipe.attached}".format(**words)
            parts.append(f"# {recipe.about}\n{lines}\n")
    parts.append(
        "# The same program as a CA of csr-tui, for this and later records\n"
        f"csr-tui ca add corp --command 'step ca sign {{csr}} {{out}}'\ncsr-tui obtain {record.id} --ca corp\n"
    )
    return "\n".join(parts)
