"""The windows for Tencent Cloud: the account, what is sent, and what came of it."""
