"""The commands for Tencent Cloud: the account, submissions, and the sandbox."""
