"""What is done at Tencent Cloud, in crash-safe order: the account, submissions, and their outcome."""
