"""The rules of a call for applications: values in, values out. Start with judge.py; no I/O, no clock, no library of the outside."""
