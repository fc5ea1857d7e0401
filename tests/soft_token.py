"""Tokens of SoftHSM 2, whose keys are made by OpenSC's pkcs11-tool."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

PIN, SO_PIN = "canary-pin-4711", "12345678"
MODULE = next(Path("/usr/lib").glob("*/softhsm/libsofthsm2.so"), Path("/usr/lib/softhsm/libsofthsm2.so"))
PROGRAMS = ("softhsm2-util", "pkcs11-tool")


@dataclass
class SoftTokens:
    """The tokens in a folder; `SOFTHSM2_CONF` has to lead there."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.folder / "tokens").mkdir(parents=True)
        self.configuration = self.folder / "softhsm2.conf"
        self.configuration.write_text(f"directories.tokendir = {self.folder}/tokens\nlog.level = ERROR\n")
        self.environment = {**os.environ, "SOFTHSM2_CONF": str(self.configuration), "GNUTLS_PIN": PIN}

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
