"""Many records at once: a table applied, keys made by several processes, files written."""
