"""The line mode: one question a line, for screen readers, dumb terminals and slow lines."""
