"""Mail: the servers' doors (mailbox.py, smtp.py), the letter reader, and the letters we write."""
