"""Tencent Cloud's SSL certificate API: its client, and the same API on loopback."""
