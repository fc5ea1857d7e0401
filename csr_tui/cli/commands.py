"""Every command and the text of `--help`, which is shown at once: so nothing is imported here."""

from __future__ import annotations

GROUPS = {
    "requests": {
        "new": ("drafts", "create a draft and print its id"),
        "edit": ("drafts", "change a draft; remark and tags of any record"),
        "copy": ("drafts", "create a new draft with the same request"),
        "renew": ("drafts", "create a draft that renews a record, with a new key or the same"),
        "profiles": ("profiles", "manage named default values for new requests"),
        "list": ("listing", "list records: newest first, or about to expire"),
        "apply": ("applying", "create requests in bulk from a CSV or TOML file"),
        "show": ("listing", "show a record, its CSR, openssl config or recipes"),
    },
    "keys": {
        "generate": ("keys", "generate the key and the CSR of a draft"),
        "password": ("keys", "show, change or forget a key password"),
        "protect": ("keys", "change who holds a key password"),
        "token": ("token", "list tokens (PKCS #11) and the keys on them"),
    },
    "certificates": {
        "obtain": ("obtain", "get the certificate from a CA, and attach it"),
        "ca": ("ca", "manage the CAs that obtain sends requests to"),
        "attach": ("attaching", "attach the certificate that your CA sent"),
        "export": ("exporting", "write the files that a server or client loads"),
    },
    "Tencent Cloud": {
        "submit": ("tencent.submit", "have Tencent Cloud generate key and CSR of drafts"),
        "reconcile": ("tencent.submit", "check submissions and orders with an unknown outcome"),
        "detach": ("tencent.submit", "detach a draft from its draft at Tencent Cloud"),
        "login": ("tencent.account", "store the account's API key in the keyring"),
        "logout": ("tencent.account", "remove the API key from the keyring"),
        "sandbox": ("tencent.sandbox", "run the same API on this machine, to rehearse"),
    },
    "trash": {
        "delete": ("trash", "move records to the trash"),
        "restore": ("trash", "restore records from the trash"),
        "purge": ("trash", "permanently remove records and their keys"),
    },
    "checks and backups": {
        "inspect": ("inspecting", "inspect CSRs, keys, certificates; compare two files"),
        "backup": ("backups", "save all records in a file, optionally with passwords"),
        "restore-backup": ("backups", "replace the records here with a backup"),
        "doctor": ("doctor", "check the installation, or the keys in a folder"),
        "completion": ("completion", "print a completion script for bash, zsh or fish"),
    },
}
"""Heading -> command -> its module in this folder, and a summary."""

COMMANDS = {name: module for group in GROUPS.values() for name, (module, _) in group.items()}

HELP = """\
usage: csr-tui
       csr-tui COMMAND [ARGUMENT ...]
       csr-tui COMMAND --help

A terminal app that guides you through certificate signing requests (CSRs).
Without a command it opens the desk; the commands do the same without a screen.
With ACCESSIBLE set, or TERM=dumb, it asks one question per line instead.

{commands}

  --help, -h  this text
  --version   the version

Every command takes --json: one document on standard output, no questions.

examples:
  csr-tui new --domain www.example.com --organization "Example Ltd" --country CN
  csr-tui generate ID
  csr-tui export ID --to ./certificates

exit status:
  0  done                             5  keyring, password or token
  1  unexpected                       6  Tencent Cloud or the CA refused
  2  usage, or no terminal            7  the outcome there is unknown
  3  the input has errors             8  a file is in the way or cannot be written
  4  not possible, not found, or      9  it waits for you or for the CA
     a check found problems           129, 130, 143  interrupted
"""


def text() -> str:
    """The text of `csr-tui --help`."""
    lines = []
    for heading, commands in GROUPS.items():
        lines.append(f"{heading}:")
        lines += [f"  {name:<15} {summary}" for name, (_, summary) in commands.items()]
    return HELP.format(commands="\n".join(lines))
