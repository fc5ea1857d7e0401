"""What a file holds: requests, keys, certificates and containers of them, and what is bad about it."""

from csr_tui.core.inspect.item import Item
from csr_tui.core.inspect.matching import issued, match, principals
from csr_tui.core.inspect.reader import read

__all__ = ["Item", "issued", "match", "principals", "read"]
