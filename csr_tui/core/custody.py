"""Custody: how a private key is kept, and who holds its password."""

from __future__ import annotations

from enum import Enum
from typing import Literal, TypeAlias, get_args

from csr_tui.errors import Fact, Hint, UsageError

PasswordChoice: TypeAlias = Literal["random", "typed", "none"]
"""What an exported key is encrypted with."""

Protection: TypeAlias = Literal["keyring", "prompt", "unprotected", "token"]
"""Who holds the password of the key at rest: the vault, the person, or nobody (the key is clear); or where it is."""

PASSWORD_CHOICES: tuple[PasswordChoice, ...] = get_args(PasswordChoice)
PROTECTIONS: tuple[Protection, ...] = ("keyring", "prompt", "unprotected")
"""Those that a person chooses; that a key is on a token follows from which one is chosen."""

_CLEAR_HAS_NONE = Fact("An unprotected key has no password.", Hint.NO_PASSWORD)


class Custody(Enum):
    """A closed set; flags, JSON and the store write each as two words.

    A draft may hold any two words. With `TOKEN` the record names the token, from which the store knows it: there its
    words are others. Those that no new key can have carry the reason (`refusal`); of these only
    `RANDOM_PROMPT` is found with a key, whose random password its person took over. `label` and `notes` offer a way.
    """

    RANDOM_KEYRING = (
        "random",
        "keyring",
        "encrypted, with a random password in the keyring",
        "Random password, stored in the keyring",
        ("Exports are encrypted; you can show the password at any time.",),
    )
    TYPED_KEYRING = (
        "typed",
        "keyring",
        "encrypted, with your password in the keyring",
        "Your own password, stored in the keyring",
    )
    TYPED_PROMPT = (
        "typed",
        "prompt",
        "encrypted, with a password that you hold",
        "Your own password, typed each time",
        ("Needs no keyring. If you lose it, the key is lost.",),
    )
    NONE_KEYRING = (
        "none",
        "keyring",
        "encrypted through the keyring; its exports are not encrypted",
        "No password on exports; the stored copy is encrypted through the keyring",
    )
    NONE_UNPROTECTED = (
        "none",
        "unprotected",
        "unprotected: not encrypted",
        "No encryption at all (file mode 0600)",
        ("Needs no keyring. Anyone with the store or a backup has the key.",),
    )
    RANDOM_PROMPT = (
        "random",
        "prompt",
        "encrypted, with a password that you hold",
        "",
        (),
        Fact("A password that you hold yourself cannot be random.", Hint.PROMPT_NEEDS_TYPED),
    )
    NONE_PROMPT = (
        "none",
        "prompt",
        "none, prompt",
        "",
        (),
        Fact("You would hold the password of this key yourself, so it needs one.", Hint.PROMPT_NEEDS_PASSWORD),
    )
    TOKEN = ("none", "token", "on a token", "")
    RANDOM_UNPROTECTED = ("random", "unprotected", "random, unprotected", "", (), _CLEAR_HAS_NONE)
    TYPED_UNPROTECTED = ("typed", "unprotected", "typed, unprotected", "", (), _CLEAR_HAS_NONE)

    def __init__(
        self,
        password_choice: PasswordChoice,
        protection: Protection,
        sentence: str,
        label: str,
        notes: tuple[str, ...] = (),
        refusal: Fact | None = None,
    ) -> None:
        self.password_choice = password_choice
        self.protection = protection
        self.words = (password_choice, "unprotected" if protection == "token" else protection)
        self.sentence = sentence
        self.verified = sentence.replace(" in the keyring", ", which was stored in the keyring")
        """The same of a key that was generated: nobody knows before a look whether the keyring has it still."""
        self.label = label
        self.notes = notes
        self.refusal = refusal
        self.has_password = password_choice != "none"
        """Whether exports are encrypted."""
        self.is_typed = password_choice == "typed"
        """Whether the person types the password of a new key."""
        self.in_keyring = protection == "keyring"
        self.held_by_person = protection == "prompt"

    @property
    def choices(self) -> dict[str, str]:
        """The two words as a file has them that a person keeps; none where the key is on a token."""
        return {} if self is Custody.TOKEN else {"password_choice": self.password_choice, "protection": self.protection}

    @classmethod
    def of(cls, password_choice: str, protection: str) -> Custody:
        """The one that is written with these words; KeyError where they are none."""
        return _BY_WORDS[password_choice, protection]

    def under(self, protection: Protection) -> Custody:
        """The same where another holds the password; a clear key has none, and one's own was typed."""
        match protection:
            case "keyring" if self is Custody.TOKEN:
                return Custody.RANDOM_KEYRING
            case "keyring":
                return Custody.of(self.password_choice, "keyring")
            case "prompt":
                return Custody.TYPED_PROMPT
            case "unprotected":
                return Custody.NONE_UNPROTECTED
            case "token":
                return Custody.TOKEN

    def choose(self, *, password: PasswordChoice | None = None, protection: Protection | None = None) -> Custody:
        """What flags mean together with the draft's own words; UsageError for what does not fit.

        `--protect prompt` alone means a typed password; the keyring holds what the draft's own protection does not fit.
        A key on a token stays there.
        """
        if self is Custody.TOKEN:
            return self
        if password is None:
            password = "typed" if protection == "prompt" else self.password_choice
        if protection is None:
            drafted = Custody.of(password, self.protection)
            return Custody.of(password, "keyring") if drafted.refusal else drafted
        if (wanted := Custody.of(password, protection)).refusal:
            raise UsageError.of(wanted.refusal)
        return wanted


_BY_WORDS: dict[tuple[str, str], Custody] = {(one.password_choice, one.protection): one for one in Custody}

OFFERED = tuple(one for one in Custody if one.label)
"""What a new key can have."""
