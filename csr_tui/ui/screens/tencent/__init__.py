"""The windows for Tencent Cloud: the account, what is sent, and the outcome."""
