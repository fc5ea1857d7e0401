"""The windows and pages that send a CSR to a CA."""
