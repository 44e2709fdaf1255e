"""decisions on other conducts than a speed"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.add_column(sa.Column("observed", sa.JSON(), nullable=True))
        for column, type_ in (
            ("road_type", sa.String()),
            ("measured_kmh", sa.String()),
            ("corrected_kmh", sa.Integer()),
            ("limit_kmh", sa.Integer()),
        ):
            batch_op.alter_column(column, existing_type=type_, nullable=True)
