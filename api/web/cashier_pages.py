"""The cashier's pages: match what nobody's reference explains, pay back, and the month in numbers."""

from typing import Annotated

from fastapi import APIRouter, Depends, File, Request, UploadFile
from fastapi.responses import Response

from api.dependencies import ServicesDep
from api.months import checked_month, month_of, month_or_now
from api.services import Services
from api.web.forms import Checked, form_fields
from api.web.handler_pages import done_or_told, only
from api.web.languages import refusal
from api.web.rendering import templates
from core.errors import DomainError, InvalidInput
from core.money import parse_euro
from core.unit_of_work import Actor
from fines.service import Account, Imported, Share

router = APIRouter(prefix="/handlers/money")

_PARTS = 3


Cashier = Annotated[Actor, Depends(only("cashier"))]


@router.get("")
def desk(request: Request, doors: ServicesDep, person: Cashier) -> Response:
    return _desk(request, doors, person)


def _desk(
    request: Request,
    doors: Services,
    person: Actor,
    problem: str | None = None,
    taken_in: Imported | None = None,
) -> Response:
    fines = doors.fines
    return templates.TemplateResponse(
        request,
        "money.html",
        {
            "person": person,
            "csrf": request.session["csrf"],
            "suspense": fines.payments.suspense(),
            "held": fines.bank.held_entries(),
            "payouts": fines.payouts.under_way(),
            "batches": fines.payouts.batches()[:10],
            "balance": fines.trial_balance(),
            "owed": fines.books.owed_after_annulment(),
            "closed": fines.books.closed_days()[:5],
            "month": f"{fines.today():%Y-%m}",
            "parts": range(_PARTS),
            "problem": problem,
            "taken_in": taken_in,
        },
        status_code=409 if problem else 200,
    )


@router.post("/statements", dependencies=[Checked])
def take_in(request: Request, doors: ServicesDep, person: Cashier, document: Annotated[UploadFile, File()]) -> Response:
    """A bank statement; the page says what became of each entry."""
    try:
        found = doors.fines.bank.import_statement(person, document.file.read())
    except DomainError as error:
        return _desk(request, doors, person, refusal(request, error))
    return _desk(request, doors, person, taken_in=found)


@router.post("/{action}", dependencies=[Checked])
def act(
    request: Request,
    doors: ServicesDep,
    person: Cashier,
    action: str,
    form: Annotated[dict[str, str], Depends(form_fields)],
) -> Response:
    return done_or_told(
        request,
        lambda: _perform(doors, person, action, form),
        "/handlers/money",
        lambda problem: _desk(request, doors, person, problem),
    )


def _perform(doors: Services, person: Actor, action: str, form: dict[str, str]) -> None:
    fines = doors.fines
    subject, reason = form.get("subject", ""), form.get("reason", "").strip() or "as the bank told"
    if action == "allocate":
        fines.payments.allocate(person, subject, _shares(form), reason)
    elif action == "give-back":
        fines.payouts.give_back(person, subject, reason)
    elif action == "clear":
        fines.bank.clear_against(person, subject, form.get("payment", "").strip(), reason)
    elif action == "ask-payout":
        case_number = form.get("case", "").replace(" ", "")
        owed = Account.COMPENSATIONS if form.get("owed") == "compensation" else Account.REFUNDS
        fines.payouts.ask(person, case_number, form.get("iban", "").upper(), form.get("holder", ""), owed)
    elif action == "approve-payout":
        fines.payouts.approve(person, subject)
    elif action == "provider-costs":
        cents = _cents(form.get("euros", ""), "costs")
        fines.checkouts.book_costs(person, form.get("invoice", "").strip(), cents, fines.today())
    elif action == "export":
        fines.payouts.export(person)
    else:
        raise InvalidInput("action-unknown", "there is no such action")


def _shares(form: dict[str, str]) -> list[Share]:
    cases = {number: form.get(f"case{number}", "").replace(" ", "") for number in range(_PARTS)}
    return [
        Share(case_number, _cents(form.get(f"euros{number}", ""), f"part {number + 1}"))
        for number, case_number in cases.items()
        if case_number
    ]


def _cents(euros: str, what: str) -> int:
    """Raises InvalidInput."""
    try:
        return parse_euro(euros.replace(".", "").replace(",", ".") if "," in euros else euros)
    except ValueError as error:
        raise InvalidInput("amount-unreadable", f"{what}: write the amount as 12,34") from error


@router.get("/batches/{batch_id}")
def batch(doors: ServicesDep, _: Cashier, batch_id: str) -> Response:
    headers = {"Content-Disposition": 'attachment; filename="payouts.xml"'}
    return Response(doors.fines.payouts.batch(batch_id), media_type="application/xml", headers=headers)


@router.get("/report")
def report(request: Request, doors: ServicesDep, person: Cashier, month: str = "") -> Response:
    month = month_or_now(month, doors.fines.today())
    found = doors.fines.books.month(month_of(month))
    most = max([cents for _, _, cents in found.paid_by_age] + [1])
    bars = [(age, count, cents, round(100 * cents / most)) for age, count, cents in found.paid_by_age]
    return templates.TemplateResponse(
        request,
        "report.html",
        {
            "person": person,
            "csrf": request.session["csrf"],
            "month": month,
            "report": found,
            "bars": bars,
            "findings": doors.fines.books.check(),
        },
    )


@router.get("/report.csv")
def report_csv(doors: ServicesDep, _: Cashier, month: str) -> Response:
    report = doors.fines.books.month(month_of(checked_month(month))).as_csv()
    headers = {"Content-Disposition": f'attachment; filename="report-{month}.csv"'}
    return Response(report, media_type="text/csv", headers=headers)
