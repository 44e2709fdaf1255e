"""jobs wait in queues of their own; what is open and what failed is found by an index of its own; chores and leader"""

import sqlalchemy as sa
from alembic import op

import core.database

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_MOMENT = core.database.UtcDateTime(timezone=True)
_OPEN = sa.text("state IN ('pending', 'dispatched')")
_DEAD = sa.text("state = 'dead'")
_WITHOUT_DECISION = sa.text(
    "outcome IN ('prosecutor', 'keeper_unknown', 'no_tariff', 'too_late', 'rules_not_approved', 'no_evidence')"
)
_QUEUES = {
    "evidence": ("ingest.log_evidence",),
    "imaging": ("imaging.read_plate", "imaging.redact", "imaging.redact_again", "appeals.read_letter"),
    "letters": ("fines.make_letter", "fines.deliver"),
    "notifications": ("fines.tell_of_letter", "fines.send_email", "core.send_webhook", "core.notify"),
    "export": (
        "fines.prepare_print_run", "fines.forget_print_run", "fines.prepare_handover", "fines.state_hirers",
        "appeals.make_dossier", "appeals.deliver_dossier",
    ),
}  # fmt: skip


def upgrade() -> None:
    # Column by column and no copy of the table: what was done before may be ten million rows.
    op.add_column("outbox_message", sa.Column("queue", sa.String(), nullable=False, server_default="decisions"))
    op.add_column("outbox_message", sa.Column("lapses", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("outbox_message", sa.Column("trace", sa.String(), nullable=True))
    message = sa.table("outbox_message", sa.column("job"), sa.column("queue"), sa.column("state"))
    for queue, jobs in _QUEUES.items():
        # What is done waits in no queue any more.
        op.execute(message.update().where(message.c.job.in_(jobs), message.c.state != "done").values(queue=queue))
    op.drop_index("ix_outbox_message_state", "outbox_message")
    op.create_index(
        "ix_outbox_message_open", "outbox_message", ["queue", "available_at"],
        postgresql_where=_OPEN, sqlite_where=_OPEN,
    )  # fmt: skip
    op.create_index(
        "ix_outbox_message_dead", "outbox_message", ["created_at"], postgresql_where=_DEAD, sqlite_where=_DEAD
    )
    op.create_index(
        "ix_assessment_without_decision", "assessment", ["id"],
        postgresql_where=_WITHOUT_DECISION, sqlite_where=_WITHOUT_DECISION,
    )  # fmt: skip
    op.create_table(
        "chore",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("began_at", _MOMENT, nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("succeeded_at", _MOMENT, nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chore")),
    )


def downgrade() -> None:
    op.drop_table("chore")
    op.drop_index("ix_assessment_without_decision", "assessment")
    op.drop_index("ix_outbox_message_dead", "outbox_message")
    op.drop_index("ix_outbox_message_open", "outbox_message")
    op.create_index("ix_outbox_message_state", "outbox_message", ["state", "available_at"])
    op.drop_column("outbox_message", "trace")
    op.drop_column("outbox_message", "lapses")
    op.drop_column("outbox_message", "queue")
