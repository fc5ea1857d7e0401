"""Tokens of SoftHSM 2, whose keys are made by OpenSC's pkcs11-tool."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from csr_tui.paths import Paths

PIN, SO_PIN = "canary-pin-4711", "12345678"
MODULE = next(Path("/usr/lib").glob("*/softhsm/libsofthsm2.so"), Path("/usr/lib/softhsm/libsofthsm2.so"))
SPY = next(Path("/usr/lib").glob("*/pkcs11-spy.so"), Path("/usr/lib/pkcs11-spy.so"))
"""OpenSC's, which writes down each call on its way to another module."""

ENGINE = {"PKCS11_MODULE_PATH": str(MODULE)}
"""The module that OpenSSL's engine loads."""

KINDS = {
    "web": ("rsa:2048", "RSA", "2048"),
    "api": ("EC:prime256v1", "ECC", "prime256v1"),
    "big": ("EC:secp384r1", "ECC", "secp384r1"),
    "ed": ("EC:edwards25519", "ED25519", "ed25519"),
}
"""Label -> the kind of key as pkcs11-tool spells it, and as a record does."""

TOKEN = {"ed": "Lab"}
"""The token of a key that is not on the first: OpenSSL's engine finds no key where one of Ed25519 is beside it."""

PROGRAMS = ("softhsm2-util", "pkcs11-tool")


def choose(paths: Paths, *modules: object) -> None:
    """Name these modules in the settings."""
    paths.config.mkdir(exist_ok=True)
    paths.settings.write_text(f"[token]\nmodule = {[str(module) for module in modules]!r}\n")


def need() -> None:
    """Skip, with the reason, without the programs and the engine; where CSR_TUI_REQUIRE_SYSTEM=1, fail instead."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if not [*Path("/usr/lib").glob("*/engines-3/pkcs11.so")]:
        missing.append("libengine-pkcs11-openssl")
    if missing:
        refuse = pytest.fail if os.environ.get("CSR_TUI_REQUIRE_SYSTEM") == "1" else pytest.skip
        refuse(f"not installed: {', '.join(missing)}")


@dataclass
class SoftTokens:
    """The tokens in a folder; `SOFTHSM2_CONF` has to lead there."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.folder / "tokens").mkdir(parents=True)
        self.configuration = self.folder / "softhsm2.conf"
        self.configuration.write_text(f"directories.tokendir = {self.folder}/tokens\nlog.level = ERROR\n")
        self.environment = {**os.environ, "SOFTHSM2_CONF": str(self.configuration), "GNUTLS_PIN": PIN, **ENGINE}

    def add(self, label: str, pin: str = PIN) -> None:
        """Another token."""
        self.run("softhsm2-util", "--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", SO_PIN)

    def add_key(self, token: str, kind: str, label: str, identifier: str, *more: str) -> None:
        """A key pair, of a kind as pkcs11-tool spells it."""
        self.tool(token, "--keypairgen", "--key-type", kind, "--label", label, "--id", identifier, *more)

    def tool(self, token: str, *words: str, pin: str = PIN, check: bool = True) -> bytes:
        """What pkcs11-tool prints, logged in to a token."""
        program = ("pkcs11-tool", "--module", str(MODULE), "--token-label", token, "--login", "--pin", pin)
        return self.run(*program, *words, check=check)

    def run(self, *words: str, check: bool = True) -> bytes:
        result = subprocess.run(words, env=self.environment, capture_output=True, check=False)
        assert not check or result.returncode == 0, result.stderr
        return result.stdout
