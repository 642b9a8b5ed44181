"""Attachments: from bytes to documents, in a child process that may die."""
