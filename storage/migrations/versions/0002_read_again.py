"""A mail may be read again, and be answered again by another letter: the earlier letter remembers which mail it answered."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("former_mail_id", sa.Integer(), nullable=True))
    op.create_index("ix_outbox_former_mail_id", "outbox", ["former_mail_id"])
