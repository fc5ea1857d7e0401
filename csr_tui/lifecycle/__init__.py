"""What can be done to a record, in crash-safe order, shared by both faces."""
