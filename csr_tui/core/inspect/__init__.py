"""What a file holds: requests, keys, certificates and containers of them, and what is bad about it."""

from csr_tui.core.inspect.item import Item
from csr_tui.core.inspect.reading import read
from csr_tui.core.inspect.together import issued, match, principals

__all__ = ["Item", "issued", "match", "principals", "read"]
