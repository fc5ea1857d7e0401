"""The PIN of a token, on a shim: SoftHSM locks none, and neither it nor this machine has a PIN pad."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from csr_tui.cli import token as token_command
from csr_tui.cli.context import Context, Prompter
from csr_tui.core.secret import Secret
from csr_tui.core.token_uri import TokenUri
from csr_tui.errors import TokenError
from csr_tui.paths import Paths
from csr_tui.token import Key, Module, Pin, Token, Tokens
from csr_tui.token.session import logged_in
from csr_tui.vault import Vault

pkcs11 = pytest.importorskip("pkcs11")
Flag = pkcs11.TokenFlag
OFFICE = TokenUri("Office", "1a")


@dataclass
class Shim:
    """A token as the library has it, whose flags after a login are others than before."""

    flags: Any
    after: Any
    refusal: Exception | None = None
    tried: list[object] = field(default_factory=list)

    @property
    def slot(self) -> Shim:
        return self

    def get_token(self) -> Shim:
        return Shim(self.after, self.after)

    def open(self, *, rw: bool, user_pin: object) -> Shim:
        assert not rw
        self.tried.append(user_pin)
        if self.refusal is not None:
            raise self.refusal
        return self

    def __enter__(self) -> Shim:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(
    ("after", "refusal", "sentence"),
    [
        (Flag(0), pkcs11.PinIncorrect, "The PIN is wrong. The token does not report how many tries are left."),
        (Flag.USER_PIN_COUNT_LOW, pkcs11.PinIncorrect, "The PIN is wrong. Further wrong ones will lock it."),
        (
            Flag.USER_PIN_COUNT_LOW | Flag.USER_PIN_FINAL_TRY,
            pkcs11.PinIncorrect,
            "The PIN is wrong. One try is left: another wrong one locks it.",
        ),
        (Flag.USER_PIN_LOCKED, pkcs11.PinIncorrect, "The PIN is wrong. It is locked now."),
        (Flag.USER_PIN_LOCKED, pkcs11.PinLocked, "The PIN is locked, after too many wrong ones."),
    ],
)
def test_a_wrong_pin_is_tried_once_and_the_flags_of_the_token_say_what_is_left(
    after: Any, refusal: type[Exception], sentence: str
) -> None:
    shim = Shim(Flag.LOGIN_REQUIRED, Flag.LOGIN_REQUIRED | after, refusal())

    with pytest.raises(TokenError) as told, logged_in(shim, OFFICE, Secret("0000")):
        pass

    assert str(told.value).startswith(f"Token Office, serial 1a: {sentence}")
    assert shim.tried == ["0000"]
    assert "0000" not in str(told.value)


def test_a_pin_pad_is_used_without_a_pin() -> None:
    shim = Shim(Flag.LOGIN_REQUIRED | Flag.PROTECTED_AUTHENTICATION_PATH, Flag(0))

    with logged_in(shim, OFFICE, None):
        pass

    assert shim.tried == [pkcs11.PROTECTED_AUTH]


def test_a_token_without_a_login_is_opened_without_a_pin() -> None:
    shim = Shim(Flag(0), Flag(0))

    with logged_in(shim, OFFICE, None):
        pass

    assert shim.tried == [None]


@pytest.mark.parametrize("pin", [None, Secret("")])
def test_no_pin_is_not_tried(pin: Secret | None) -> None:
    shim = Shim(Flag.LOGIN_REQUIRED, Flag(0))

    with pytest.raises(TokenError, match="needs its PIN"), logged_in(shim, OFFICE, pin):
        pass

    assert shim.tried == []


@pytest.mark.parametrize(
    ("state", "pad", "asked", "said"),
    [
        (Pin.OK, False, 1, ""),
        (
            Pin.FINAL_TRY,
            False,
            1,
            "Token Office, serial 1a: One try is left for the PIN: another wrong one locks it.\n",
        ),
        (Pin.OK, True, 0, "Enter the PIN on the device (token Office, serial 1a).\n"),
    ],
)
def test_the_pin_is_asked_for_unless_the_device_does(
    state: Pin, pad: bool, asked: int, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prompts: list[str] = []
    context = _context(tmp_path, prompts)

    given = token_command.pin(_token(state, pad=pad), context, from_stdin=False)

    assert given == (Secret("4711") if asked else None)
    assert len(prompts) == asked
    assert capsys.readouterr().err == said


def test_a_locked_pin_is_not_asked_for(tmp_path: Path) -> None:
    prompts: list[str] = []

    with pytest.raises(TokenError, match=r"The PIN is locked\. Its administrator can unlock it\."):
        token_command.pin(_token(Pin.LOCKED), _context(tmp_path, prompts), from_stdin=False)

    assert prompts == []


@pytest.mark.parametrize(("pad", "seconds"), [(False, 30.0), (True, 120.0)])
def test_a_person_has_time_to_enter_the_pin_on_the_device(pad: bool, seconds: float) -> None:
    limits: list[float | None] = []

    class Recorded(Tokens):
        def _run(self, module: Module, function: Any, limit: float | None = None) -> Any:
            limits.append(limit)
            return b"signature"

    public = ed25519.Ed25519PrivateKey.generate().public_key()
    token = _token(Pin.OK, pad=pad)
    private = Recorded([token.module]).private(token, Key(OFFICE, public), Secret("4711"))

    assert isinstance(private, ed25519.Ed25519PrivateKey)
    assert private.sign(b"text") == b"signature"
    assert limits == [seconds]


def _token(state: Pin, *, pad: bool = False) -> Token:
    return Token(OFFICE, Module("shim", Path("/nowhere")), state, pad, needs_pin=not pad, keys=())


def _context(folder: Path, prompts: list[str]) -> Context:
    def answer(prompt: str) -> str:
        prompts.append(prompt)
        return "4711"

    paths = Paths(data=folder, config=folder, exports=folder)
    return Context(paths, Vault(), io.BytesIO(), Prompter(secret=answer, line=answer))
