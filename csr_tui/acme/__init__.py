"""ACME (RFC 8555): the only importer of its libraries, and of dnspython."""
