"""The roles of people who work with the system; `docs/roles.md` says which route is for whom."""

ROLES = {
    "reviewer": "reads plates at the review desk",
    "intake": "takes in appeals that come by post, and what was missing",
    "handler": "handles appeals and statements, plans and recovery",
    "senior": "is the second pair of eyes on a decision",
    "court-liaison": "carries cases to the court and back",
    "cashier": "handles money: statements, matching, payouts, books",
    "operator": "runs cameras, quarantine, failed jobs and the post",
    "jurist": "enters and approves rule data",
    "auditor": "reads, and changes nothing",
}

OUTSIDE_ROLES = {"professional": "files appeals for others and follows them: a lawyer or an appeal bureau"}
"""Roles of people who do not work here: none of the handlers' pages and routes is theirs."""

CASE_READERS = tuple(role for role in ROLES if role != "jurist")
"""Who may see cases."""

APPEAL_READERS = ("handler", "intake", "senior", "court-liaison", "auditor")
"""Who may see appeals."""

INSIGHT_READERS = ("handler", "senior", "operator", "auditor")
"""Who may see how appeals end, by ground and by camera: the camera desk (operator) too."""
