"""One script for each revision; the first creates every table."""
