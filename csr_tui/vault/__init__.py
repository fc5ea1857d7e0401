"""The OS keyring: only backends that really keep secrets, each write read back, each call with a time limit."""

from csr_tui.vault.vault import SERVICE, Vault, VaultState, VaultStatus

__all__ = ["SERVICE", "Vault", "VaultState", "VaultStatus"]
