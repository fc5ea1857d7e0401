"""The same API on loopback, for trying and testing: nothing leaves this machine."""

from csr_tui.tencent.sandbox.server import Sandbox

__all__ = ["Sandbox"]
