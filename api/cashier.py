"""For the cashier: payments, bank statements, suspense, payouts, the books. Token and role needed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from api.dependencies import ServicesDep, require
from api.months import Month, month_of
from api.problems import PROBLEM_RESPONSES
from api.schemas.cashier import (
    AllocationIn,
    ChangeOut,
    CheckoutRecordOut,
    ClearingIn,
    DayCloseIn,
    FindingOut,
    HeldOut,
    HeldPaymentOut,
    IncreaseOut,
    MoneyOut,
    MovementOut,
    OwedOut,
    PaymentIn,
    PaymentOut,
    PayoutBatchOut,
    PayoutIn,
    PayoutOut,
    ProviderCostsIn,
    ReportRowOut,
    StatementOut,
    SuggestionOut,
    SuspenseOut,
)
from api.schemas.common import ReasonIn
from core.unit_of_work import Actor
from fines.service import Account, HeldEntry, Share, SuspenseItem

router = APIRouter(
    prefix="/v1/handlers",
    tags=["cashier"],
    responses={status: PROBLEM_RESPONSES[status] for status in (400, 401, 403, 404, 409)},
)

Cashier = Annotated[Actor, Depends(require("cashier"))]
Books = Annotated[Actor, Depends(require("cashier", "auditor"))]


@router.post("/payments", status_code=201)
def book_payment(body: PaymentIn, actor: Cashier, doors: ServicesDep) -> PaymentOut:
    """Book a payment; the same externalId is booked once."""
    booked = doors.fines.payments.book_payment(
        actor,
        f"api:{body.external_id}",
        body.payment_reference,
        body.amount_cents,
        body.booked_on,
        body.purpose,
    )
    return PaymentOut(booked=booked)


@router.post("/payments/{external_id}/reversals", status_code=204)
def take_payment_back(external_id: str, body: ReasonIn, actor: Cashier, doors: ServicesDep) -> None:
    """The payment with this externalId was taken back; what it counted for is owed again."""
    key = f"api:{external_id}"
    doors.fines.payments.take_back(actor, key, key, doors.fines.today(), body.reason)


@router.post(
    "/bank-statements",
    status_code=201,
    openapi_extra={"requestBody": {"required": True, "content": {"application/xml": {"schema": {"type": "string"}}}}},
)
async def import_statement(request: Request, actor: Cashier, doors: ServicesDep) -> StatementOut:
    """Book every entry of an ISO 20022 camt.053 file; sending it twice books nothing twice."""
    document = await request.body()
    return StatementOut(**vars(await run_in_threadpool(doors.fines.bank.import_statement, actor, document)))


@router.post("/provider-costs", status_code=204)
def book_provider_costs(body: ProviderCostsIn, actor: Cashier, doors: ServicesDep) -> None:
    """What the payment provider kept for its work, from its invoice; an invoice is booked once."""
    doors.fines.checkouts.book_costs(actor, body.external_id, body.amount_cents, body.booked_on)


@router.get("/suspense")
def suspense(_: Books, doors: ServicesDep) -> list[SuspenseOut]:
    """Money that nobody's reference explains, oldest first, with cases that may be meant."""
    return [_suspense_out(item) for item in doors.fines.payments.suspense()]


@router.post("/suspense/{payment_id}/allocations", status_code=204)
def allocate(payment_id: str, body: AllocationIn, actor: Cashier, doors: ServicesDep) -> None:
    """Say for which cases the money is; the parts add up to what came in."""
    shares = [Share(share.case_number, share.cents, share.purpose) for share in body.shares]
    doors.fines.payments.allocate(actor, payment_id, shares, body.reason)


@router.post("/suspense/{payment_id}/returns", status_code=204)
def give_back(payment_id: str, body: ReasonIn, actor: Cashier, doors: ServicesDep) -> None:
    """Ask for the money to go back to the account that it came from."""
    doors.fines.payouts.give_back(actor, payment_id, body.reason)


@router.get("/held-entries")
def held_entries(_: Books, doors: ServicesDep) -> list[HeldOut]:
    """Debits that nothing explains, oldest first."""
    return [_held_out(entry) for entry in doors.fines.bank.held_entries()]


@router.post("/held-entries/{entry_id}/clearings", status_code=204)
def clear_entry(entry_id: str, body: ClearingIn, actor: Cashier, doors: ServicesDep) -> None:
    """Say which payment a debit took back."""
    doors.fines.bank.clear_against(actor, entry_id, body.payment_id, body.reason)


@router.get("/payouts")
def payouts(_: Books, doors: ServicesDep) -> list[PayoutOut]:
    """Payouts that are not done yet, oldest first."""
    return [PayoutOut(**vars(payout)) for payout in doors.fines.payouts.under_way()]


@router.post("/payouts", status_code=204)
def ask_payout(body: PayoutIn, actor: Cashier, doors: ServicesDep) -> None:
    """Ask for all that a case has to be paid back, to an account in the name of the person addressed."""
    owed = Account.COMPENSATIONS if body.owed == "compensation" else Account.REFUNDS
    doors.fines.payouts.ask(actor, body.case_number, body.iban, body.holder, owed)


@router.post("/payouts/{payout_id}/approvals", status_code=204)
def approve_payout(payout_id: str, actor: Cashier, doors: ServicesDep) -> None:
    """Agree, as another person than who asked."""
    doors.fines.payouts.approve(actor, payout_id)


@router.post("/payout-batches", status_code=201)
def export_payouts(actor: Cashier, doors: ServicesDep) -> PayoutBatchOut:
    """Put all approved payouts in one file for the bank."""
    return PayoutBatchOut(id=doors.fines.payouts.export(actor))


@router.get(
    "/payout-batches/{batch_id}",
    response_class=Response,
    responses={200: {"content": {"application/xml": {}}, "description": "ISO 20022 pain.001"}},
)
def payout_batch(batch_id: str, _: Books, doors: ServicesDep) -> Response:
    """The file for the bank, again and again the same."""
    return Response(doors.fines.payouts.batch(batch_id), media_type="application/xml")


@router.get("/trial-balance")
def trial_balance(_: Books, doors: ServicesDep) -> dict[str, int]:
    """Every account's balance in cents."""
    return doors.fines.trial_balance()


@router.get("/decisions/{decision_id}/money")
def money(decision_id: str, _: Books, doors: ServicesDep) -> MoneyOut:
    """A case's money from the first day on; each increase says why."""
    movements, increases = doors.fines.money_of(decision_id)
    return MoneyOut(
        movements=[MovementOut(**vars(movement)) for movement in movements],
        increases=[IncreaseOut(**vars(increase)) for increase in increases],
        checkouts=[
            CheckoutRecordOut(**{**vars(record), "changes": [ChangeOut(**vars(change)) for change in record.changes]})
            for record in doors.fines.checkouts.of_decision(decision_id)
        ],
    )


@router.get("/owed-after-annulment")
def owed_after_annulment(_: Books, doors: ServicesDep) -> list[OwedOut]:
    """Annulled cases that owe: paid back, and then the payer's bank took the payment back as well."""
    owed = doors.fines.books.owed_after_annulment()
    return [OwedOut(case_number=number, capture_id=capture, cents=cents) for number, capture, cents in owed]


@router.get("/ledger-findings")
def ledger_findings(_: Books, doors: ServicesDep) -> list[FindingOut]:
    """What does not hold of the ledger; empty when all is well."""
    return [FindingOut(**vars(finding)) for finding in doors.fines.books.check()]


@router.post("/day-closes", status_code=204)
def close_day(body: DayCloseIn, actor: Cashier, doors: ServicesDep) -> None:
    """Close the books of a day and all before it."""
    doors.fines.books.close(actor, body.day)


@router.get("/monthly-reports/{month}")
def monthly_report(month: Month, _: Books, doors: ServicesDep) -> list[ReportRowOut]:
    """Issued, paid by age, appealed, annulled, outstanding."""
    report = doors.fines.books.month(month_of(month))
    return [ReportRowOut(what=what, count=count, cents=cents) for what, count, cents in report.rows()]


def _suspense_out(item: SuspenseItem) -> SuspenseOut:
    suggestions = [SuggestionOut(case_number=case, open_cents=open_, why=why) for case, open_, why in item.suggestions]
    return SuspenseOut(**{**vars(item), "suggestions": suggestions})


def _held_out(entry: HeldEntry) -> HeldOut:
    payments = [HeldPaymentOut(payment_id=p, booked_on=day, case_number=case) for p, day, case in entry.payments]
    return HeldOut(**{**vars(entry), "payments": payments})
