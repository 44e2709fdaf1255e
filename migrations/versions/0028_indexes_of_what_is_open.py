"""notices that are not settled, and who is named in the books, are found by indexes of their own"""

import sqlalchemy as sa
from alembic import op

from migrations import online

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    online.create_index("ix_default_notice_open", "default_notice", ["payable_from"], sa.text("settled_on IS NULL"))
    named = sa.text("iban <> '' OR counterparty <> '' OR remittance <> ''")
    online.create_index("ix_bank_entry_named", "bank_entry", ["booked_on"], named)
    online.create_index("ix_payout_named", "payout", ["asked_at"], sa.text("iban <> ''"))


def downgrade() -> None:
    op.drop_index("ix_payout_named", "payout")
    op.drop_index("ix_bank_entry_named", "bank_entry")
    op.drop_index("ix_default_notice_open", "default_notice")
