"""A letter that came back remembers which mail brought it back."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("returned_by", sa.Integer(), nullable=True))
