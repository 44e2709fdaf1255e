"""mandates, webhooks, calls that are sent once, people who left"""

import sqlalchemy as sa
from alembic import op

import core.database

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_MOMENT = core.database.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.add_column("principal", sa.Column("ended_at", _MOMENT, nullable=True))
    op.create_table(
        "mandate",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("capacity", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("given_at", _MOMENT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_mandate_decision_id_decision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate")),
    )
    for column in ("decision_id", "state", "holder"):
        op.create_index(op.f(f"ix_mandate_{column}"), "mandate", [column])
    op.create_table(
        "mandate_evidence",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("mandate_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("sent_sha256", sa.String(), nullable=False),
        sa.Column("says", sa.JSON(), nullable=False),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["mandate_id"], ["mandate.id"], name=op.f("fk_mandate_evidence_mandate_id_mandate")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate_evidence")),
        sa.UniqueConstraint("mandate_id", "number", name=op.f("uq_mandate_evidence_mandate_id")),
    )
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("principal_id", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("types", sa.JSON(), nullable=False),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.Column("secret_number", sa.Integer(), nullable=False),
        sa.Column("secret_since", _MOMENT, nullable=False),
        sa.Column("removed_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["principal_id"], ["principal.id"], name=op.f("fk_webhook_endpoint_principal_id_principal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoint")),
    )
    op.create_index(op.f("ix_webhook_endpoint_principal_id"), "webhook_endpoint", ["principal_id"])
    op.create_table(
        "webhook_message",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("endpoint_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_answer", sa.String(), nullable=True),
        sa.Column("settled_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["webhook_endpoint.id"], name=op.f("fk_webhook_message_endpoint_id_webhook_endpoint")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_message")),
    )
    op.create_index("ix_webhook_message_endpoint", "webhook_message", ["endpoint_id", "id"])
    op.create_index("ix_webhook_message_made_at", "webhook_message", ["made_at"])
    op.create_table(
        "case_follower",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("principal_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["principal_id"], ["principal.id"], name=op.f("fk_case_follower_principal_id_principal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_follower")),
        sa.UniqueConstraint("subject", "principal_id", name=op.f("uq_case_follower_subject")),
    )
    op.create_index(op.f("ix_case_follower_principal_id"), "case_follower", ["principal_id"])
    op.create_table(
        "kept_answer",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("request_sha256", sa.String(), nullable=False),
        sa.Column("begun_at", _MOMENT, nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_answer")),
    )
    op.create_index(op.f("ix_kept_answer_begun_at"), "kept_answer", ["begun_at"])
    # Who filed an appeal for somebody follows its case.
    op.execute(
        "INSERT INTO case_follower (id, subject, principal_id) "
        "SELECT id, decision_id, filed_by FROM appeal WHERE filed_by IS NOT NULL"
    )
    # A job under its older name may wait still.
    op.execute("UPDATE outbox_message SET job = 'fines.tell_of_letter' WHERE job = 'fines.order_emails'")
