"""Taking a CSR to a CA, and bringing the certificate home."""
