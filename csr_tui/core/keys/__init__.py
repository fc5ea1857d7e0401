"""Private keys: their kinds, generated, encrypted, read from files of others, and judged."""
