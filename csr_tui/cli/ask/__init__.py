"""The line mode: one question per line, for screen readers, dumb terminals and slow lines."""
