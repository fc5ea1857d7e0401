"""Taking a CSR to a CA."""
