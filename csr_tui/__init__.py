"""A guided desk for certificate signing requests in the terminal."""

__version__ = "0.1.0"
