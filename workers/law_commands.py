"""`flitsketen law`: ask the rule data."""

import csv
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from core.errors import DomainError
from fines.questions import FineAnswer, Law
from fines.rules import Rules
from fines.tariffs import Tariffs

app = typer.Typer(help="The rule data.", no_args_is_help=True)

_ANSWERS = ("route", "offence_code", "amount_cents", "costs_cents", "table_version", "status", "problem")


@app.command("digest")
def digest() -> None:
    """SHA-256 of the rule data, for whoever approves a release."""
    rules = Rules()
    typer.echo(f"{rules.release.version}  {rules.digest()}  {rules.release.reason or 'approved'}")


@app.command("fine")
def fine(
    series: Annotated[str | None, typer.Option(help="Series of the annex, as VA; with --excess.")] = None,
    excess: Annotated[int | None, typer.Option(help="Whole km/h over the limit, corrected.")] = None,
    measured: Annotated[str | None, typer.Option(help="Measured speed in km/h; with --limit and --road.")] = None,
    limit: Annotated[int | None, typer.Option(help="Speed limit in km/h.")] = None,
    road: Annotated[str | None, typer.Option(help="Kind of road, as outside-built-up.")] = None,
    vehicle: Annotated[int, typer.Option(help="Vehicle category, 1 to 4.")] = 1,
    on: Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Day of the conduct.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    questions: Annotated[
        Path | None, typer.Option("--csv", exists=True, dir_okay=False, help="A file of questions, one per row.")
    ] = None,
) -> None:
    """The fine for a conduct, and why. With --csv: the rows of the file with the answers added, on standard output."""
    law = Law(Rules(), Tariffs())
    if questions is not None:
        _answer_file(law, questions)
        return
    options = {"series": series, "excess": excess, "measured": measured, "limit": limit, "road": road}
    texts = {name: str(value) for name, value in options.items() if value is not None}
    if on is None:
        raise typer.BadParameter("name the day of the conduct", param_hint="--date")
    try:
        answer = _fine(law, {**texts, "vehicle": str(vehicle), "date": on.date().isoformat()})
    except (DomainError, ValueError) as error:
        raise typer.BadParameter(_said(error)) from error
    if as_json:
        typer.echo(json.dumps(answer.as_json(), ensure_ascii=False))
    else:
        typer.echo("\n".join([*answer.explanation.sentences("nl"), "", *answer.explanation.sentences("en")]))


@app.command("term")
def term(
    rule: Annotated[str, typer.Option(help="appeal, payment, reminder, security, prosecutor or notification.")],
    start: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The term starts on the day after this one.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """The last day of a term, and why."""
    try:
        answer = Law(Rules(), Tariffs()).term(rule, start.date())
    except DomainError as error:
        raise typer.BadParameter(_said(error)) from error
    if as_json:
        typer.echo(json.dumps(answer.as_json(), ensure_ascii=False))
    else:
        typer.echo(answer.last_day.isoformat())
        typer.echo("\n".join([*answer.explanation.sentences("nl"), "", *answer.explanation.sentences("en")]))


@app.command("values")
def values(
    on: Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="The day.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
) -> None:
    """Every term, threshold and increase as it holds on a day, with article and source."""
    found = Rules().on(on.date())
    if as_json:
        for value in found:
            typer.echo(json.dumps({**asdict(value), "valid_from": value.valid_from.isoformat()}, ensure_ascii=False))
        return
    table = Table("parameter", "value", "article", "since", "status", "source")
    for value in found:
        since = value.valid_from.isoformat()
        table.add_row(value.name, str(value.value), value.article, since, value.status, value.source)
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def _fine(law: Law, question: Mapping[str, str]) -> FineAnswer:
    """Raises DomainError, and ValueError for what is missing or no number."""

    def asked(name: str) -> str:
        value = question.get(name)
        if not value:
            raise ValueError(f"{name} is missing: ask with series and excess, or with measured, limit and road")
        return value

    on, vehicle = date.fromisoformat(asked("date")), int(asked("vehicle"))
    if question.get("series"):
        return law.fine_by_series(asked("series"), int(asked("excess")), vehicle, on)
    try:
        measured = Decimal(asked("measured"))
    except InvalidOperation:
        raise ValueError(f"measured is no number: {question['measured']}") from None
    if not measured.is_finite() or measured < 0:
        raise ValueError(f"measured is no speed: {question['measured']}")
    return law.fine(measured, int(asked("limit")), asked("road"), vehicle, on)


def _answer_file(law: Law, path: Path) -> None:
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        out = csv.DictWriter(
            sys.stdout, [*(rows.fieldnames or []), *_ANSWERS], extrasaction="ignore", lineterminator="\n"
        )
        out.writeheader()
        for row in rows:
            try:
                answer = _fine(law, row)
            except (DomainError, ValueError) as error:
                out.writerow({**row, "problem": _said(error)})
                continue
            offence = answer.offence
            values = (offence.route, offence.code, offence.amount_cents, answer.costs_cents, offence.table)
            out.writerow({**row, **dict(zip(_ANSWERS, [*values, answer.explanation.status], strict=False))})


def _said(error: Exception) -> str:
    return error.detail if isinstance(error, DomainError) else str(error)
