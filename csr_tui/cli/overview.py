"""Every command, and what `--help` says of them all; it is shown at once, so nothing is imported here."""

from __future__ import annotations

GROUPS = {
    "requests": {
        "new": ("drafts", "start a draft and print its id"),
        "edit": ("drafts", "change a draft; remark and tags of any record"),
        "copy": ("drafts", "make a new draft that asks for the same"),
        "renew": ("drafts", "make a new draft of a generated request, with a new key or the same"),
        "profiles": ("profiles", "named values that new requests begin with"),
        "list": ("listing", "the records, newest first"),
        "apply": ("applying", "make many at once, of the rows of a table"),
        "show": ("listing", "one record; its CSR, an openssl configuration, or TOML"),
    },
    "keys": {
        "generate": ("keys", "make the key and the CSR of a draft"),
        "password": ("keys", "show, change or forget a key password"),
        "protect": ("keys", "change who holds a key password"),
        "attach": ("attaching", "take the certificate that a CA sent"),
        "export": ("exporting", "write the files that a server loads into a folder"),
    },
    "Tencent Cloud": {
        "submit": ("tencent.submit", "have Tencent Cloud make the key and the CSR of drafts"),
        "reconcile": ("tencent.submit", "find out what came of submissions whose answer was lost"),
        "detach": ("tencent.submit", "untie a draft from its counterpart there"),
        "login": ("tencent.account", "keep the account's API key in the keyring"),
        "logout": ("tencent.account", "take it out again"),
        "sandbox": ("tencent.sandbox", "the same API on this machine, to try it all"),
    },
    "trash": {
        "delete": ("trash", "move a record to the trash"),
        "restore": ("trash", "bring a record back from the trash"),
        "purge": ("trash", "remove a record and its key for good"),
    },
    "checks and backups": {
        "inspect": ("inspecting", "what a CSR, key, certificate or bundle says; do two files belong together"),
        "backup": ("backups", "all records in one file, with their passwords if you wish"),
        "restore-backup": ("backups", "put such a file in the place of the records here"),
        "doctor": ("doctor", "what is wrong with the installation, or with the keys in a folder"),
        "completion": ("completion", "a script with which bash, zsh or fish completes all this"),
    },
}
"""Heading -> command -> the module of this folder that knows it, and what it does."""

COMMANDS = {name: module for group in GROUPS.values() for name, (module, _) in group.items()}

HELP = """\
usage: csr-tui
       csr-tui COMMAND [ARGUMENT ...]
       csr-tui COMMAND --help

A guided desk for certificate signing requests. Without a command the desk opens
in the terminal; the commands do the same without a screen.

{commands}

  --help, -h  this text
  --version   the version

Every command takes --json: one document on standard output, never a question.

examples:
  csr-tui new --domain www.example.com --organization "Example Ltd" --country CN
  csr-tui generate ID
  csr-tui export ID --to ./certificates

exit status:
  0  done                             5  keyring or password
  1  unexpected                       6  Tencent Cloud refused
  2  usage, or no terminal            7  the outcome at Tencent Cloud is unknown
  3  the input has errors             8  a file is in the way or cannot be written
  4  not possible, not found, or      129, 130, 143  interrupted
     bad findings of a check
"""


def text() -> str:
    """What `csr-tui --help` says."""
    lines = []
    for heading, commands in GROUPS.items():
        lines.append(f"{heading}:")
        lines += [f"  {name:<15} {summary}" for name, (_, summary) in commands.items()]
    return HELP.format(commands="\n".join(lines))
