"""Benchmarks. Their results stand in README.md beside this file, with the commands that make them."""
