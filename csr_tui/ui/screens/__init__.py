"""What fills the terminal: the desk, the wizard's steps, a record, and the questions asked on top of them."""
