"""the evidence log: captures as leaves of a Merkle tree, and its signed heads"""

import sqlalchemy as sa
from alembic import op

import core.database

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "merkle_log",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_merkle_log")),
    )
    op.create_table(
        "merkle_node",
        sa.Column("log", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("log", "level", "number", name=op.f("pk_merkle_node")),
    )
    op.create_table(
        "evidence_leaf",
        sa.Column("capture_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["capture_id"], ["capture.id"], name=op.f("fk_evidence_leaf_capture_id_capture")),
        sa.PrimaryKeyConstraint("capture_id", name=op.f("pk_evidence_leaf")),
        sa.UniqueConstraint("number", name=op.f("uq_evidence_leaf_number")),
    )
    op.create_table(
        "tree_head",
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("signed_at", core.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_tree_head")),
    )
