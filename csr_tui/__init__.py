"""A terminal app that guides you through certificate signing requests (CSRs)."""

__version__ = "0.1.0"
