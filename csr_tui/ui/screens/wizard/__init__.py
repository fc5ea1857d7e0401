"""The wizard: one screen for each step of a draft."""
