"""Keys on tokens (PKCS #11): the only importer of python-pkcs11, and only once a token is asked for."""

from csr_tui.token.library import check_library
from csr_tui.token.modules import Module, chosen, of_p11_kit
from csr_tui.token.new_key import check_kind
from csr_tui.token.public_keys import Key
from csr_tui.token.session import Pin
from csr_tui.token.tokens import Token, TokenList, Tokens

__all__ = [
    "Key",
    "Module",
    "Pin",
    "Token",
    "TokenList",
    "Tokens",
    "check_kind",
    "check_library",
    "chosen",
    "of_p11_kit",
]
