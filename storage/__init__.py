"""The register and the outbox: the only place that knows the database. `Store.begin()` in store.py is the only door."""
