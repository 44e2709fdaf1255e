"""visits of citizens and their drafts, evidence of statements, photos with a line below, keepers' pseudonyms"""

import sqlalchemy as sa
from alembic import op

import core.database

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_MOMENT = core.database.UtcDateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("decision") as decision:
        decision.add_column(sa.Column("person", sa.String(), nullable=True))
        decision.create_index(op.f("ix_decision_person"), ["person"])
    op.create_table(
        "visit",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("begun_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
    )
    op.create_table(
        "visit_subject",
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_subject_visit_id_visit")),
        sa.PrimaryKeyConstraint("visit_id", "subject", name=op.f("pk_visit_subject")),
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("subject", "kind", "holder", name=op.f("uq_draft_subject")),
    )
    op.create_index(op.f("ix_draft_changed_at"), "draft", ["changed_at"])
    op.create_table(
        "keeper_evidence",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("statement_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("sent_sha256", sa.String(), nullable=False),
        sa.Column("says", sa.JSON(), nullable=False),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["keeper_statement.id"], name=op.f("fk_keeper_evidence_statement_id_keeper_statement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keeper_evidence")),
        sa.UniqueConstraint("statement_id", "number", name=op.f("uq_keeper_evidence_statement_id")),
    )
    op.create_table(
        "correction_request",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("wrong", sa.String(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("explanation", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_correction_request_decision_id_decision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction_request")),
    )
    op.create_index(op.f("ix_correction_request_decision_id"), "correction_request", ["decision_id"])
    op.create_index(op.f("ix_correction_request_state"), "correction_request", ["state"])
    op.create_table(
        "hirer_list",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("sent_at", _MOMENT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hirer_list")),
        sa.UniqueConstraint("sent_by", "sha256", name=op.f("uq_hirer_list_sent_by")),
    )
    op.create_table(
        "hirer_row",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("statement_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["list_id"], ["hirer_list.id"], name=op.f("fk_hirer_row_list_id_hirer_list")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["keeper_statement.id"], name=op.f("fk_hirer_row_statement_id_keeper_statement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hirer_row")),
        sa.UniqueConstraint("list_id", "number", name=op.f("uq_hirer_row_list_id")),
    )
    op.create_table(
        "stamped_photo",
        sa.Column("redacted_id", sa.String(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["redacted_id"], ["redacted_photo.id"], name=op.f("fk_stamped_photo_redacted_id_redacted_photo")
        ),
        sa.PrimaryKeyConstraint("redacted_id", "line", name=op.f("pk_stamped_photo")),
    )
