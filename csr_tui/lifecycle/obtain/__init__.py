"""Sending a CSR to a CA, and attaching the certificate."""
