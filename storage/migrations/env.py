"""Runs the scripts on the connection that storage/schema.py hands in, inside its transaction; there is no alembic.ini."""

from alembic import context
from sqlmodel import SQLModel

import storage.tables  # noqa: F401 - its models are what the metadata holds

context.configure(connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
