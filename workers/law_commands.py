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
from core.settings import Settings
from fines.law_diff import Diff, compare, sample_cases
from fines.questions import FineAnswer, Law
from fines.rule_files import RuleFiles, read_folder, shipped, version
from fines.rule_files import digest as files_digest
from fines.rules import Rules
from fines.tariffs import Tariffs
from workers.bootstrap import build

app = typer.Typer(help="The rule data.", no_args_is_help=True)

Folder = Annotated[
    Path | None, typer.Option("--rules", exists=True, file_okay=False, help="Rule data instead of what ships.")
]
Token = Annotated[
    str, typer.Option(envvar="FLITSKETEN_TOKEN", prompt="Your token", hide_input=True, help="Whoever acts.")
]

_ANSWERS = ("route", "offence_code", "amount_cents", "costs_cents", "table_version", "status", "problem")
_SHOWN = 20
_PAST = 1000


@app.command("digest")
def digest(rules: Folder = None) -> None:
    """Version and SHA-256 of the rule data, for whoever approves a release."""
    files = _files(rules)
    typer.echo(f"{version(files)}  {files_digest(files)}")


@app.command("fine")
def fine(
    series: Annotated[str | None, typer.Option(help="Series of the annex, as VA; with --excess.")] = None,
    excess: Annotated[int | None, typer.Option(help="Whole km/h over the limit, corrected.")] = None,
    measured: Annotated[str | None, typer.Option(help="Measured speed in km/h; with --limit and --road.")] = None,
    limit: Annotated[int | None, typer.Option(help="Speed limit in km/h.")] = None,
    road: Annotated[str | None, typer.Option(help="Kind of road, as outside-built-up.")] = None,
    offence: Annotated[str | None, typer.Option(help="A conduct with one sum, as red-light.")] = None,
    vehicle: Annotated[int, typer.Option(help="Vehicle category, 1 to 4.")] = 1,
    age: Annotated[int | None, typer.Option(min=0, help="Age of the person in years; not with --series.")] = None,
    on: Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Day of the conduct.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    questions: Annotated[
        Path | None, typer.Option("--csv", exists=True, dir_okay=False, help="A file of questions, one per row.")
    ] = None,
    rules: Folder = None,
) -> None:
    """The fine for a conduct, and why. With --csv: the rows of the file with the answers added, on standard output."""
    law = _law(rules)
    if questions is not None:
        _answer_file(law, questions)
        return
    speed = {"series": series, "excess": excess, "measured": measured, "limit": limit, "road": road}
    options = {**speed, "offence": offence, "age": age}
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
    rule: Annotated[
        str, typer.Option(help="appeal, payment, ... or a term of the rule data, as detention_within_years.")
    ],
    start: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The term starts on the day after this one.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    rules: Folder = None,
) -> None:
    """The last day of a term, and why."""
    try:
        answer = _law(rules).term(rule, start.date())
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
    rules: Folder = None,
) -> None:
    """Every term, threshold and increase as it holds on a day, with article and source."""
    found = Rules(_files(rules)).on(on.date())
    if as_json:
        for value in found:
            typer.echo(json.dumps(asdict(value), ensure_ascii=False, default=str))
        return
    table = Table("parameter", "value", "article", "since", "status", "source")
    for value in found:
        since = value.valid_from.isoformat()
        table.add_row(value.name, str(value.value), value.article, since, value.status, value.source)
    _console().print(table)


@app.command("diff")
def diff(
    changed: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="A changed copy of fines/law.")],
    against: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Rule data instead of what ships.")
    ] = None,
    past: Annotated[bool, typer.Option(help="On this installation's own decisions, against what is live.")] = False,
    cases: Annotated[int, typer.Option(min=1, help="How many cases, made-up ones without --past.")] = 1000,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, with every case.")] = False,
) -> None:
    """What a changed set of rule data changes: its values, and how cases come out."""
    try:
        if past:
            system = build(Settings())
            before, chosen = system.releases.live()[0], system.services.fines.past_cases(cases)
        else:
            before, chosen = _files(against), list(sample_cases(cases, _files(changed)))
        found = compare(before, _files(changed), chosen)
    except DomainError as error:
        raise typer.BadParameter(_said(error)) from error
    if as_json:
        typer.echo(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        _show_diff(found)


@app.command("propose")
def propose(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="A changed copy of fines/law.")],
    note: Annotated[str, typer.Option(help="What changes, and on what source.")],
    token: Token,
    hold_back: Annotated[
        list[str] | None, typer.Option(help="A rule on which no case may rest yet; may be repeated.")
    ] = None,
) -> None:
    """Enter a set of rule data; it goes live once another person approves it."""
    system = build(Settings())
    try:
        actor = system.services.principals.recognise(token)
        found = system.releases.propose(
            actor, _files(folder), note, hold_back or (), system.services.fines.past_cases(_PAST)
        )
    except DomainError as error:
        raise typer.BadParameter(_said(error)) from error
    _show_diff(found)
    typer.echo(f"Proposed {found.after_version}, {found.after_digest}. Another person approves it.")


@app.command("approve")
def approve(named: Annotated[str, typer.Argument(help="The version.")], token: Token) -> None:
    """Put a proposed set of rule data in force, signed."""
    system = build(Settings())
    try:
        system.releases.approve(system.services.principals.recognise(token), named)
    except DomainError as error:
        raise typer.BadParameter(_said(error)) from error
    typer.echo(f"{named} is in force.")


@app.command("withdraw")
def withdraw(
    named: Annotated[str, typer.Argument(help="The version.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    token: Token,
) -> None:
    """Take a proposal back."""
    system = build(Settings())
    try:
        system.releases.withdraw(system.services.principals.recognise(token), named, reason)
    except DomainError as error:
        raise typer.BadParameter(_said(error)) from error
    typer.echo(f"{named} is withdrawn.")


@app.command("releases")
def releases(as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False) -> None:
    """Every release of this installation: who entered it, who approved it, what it changed."""
    found = build(Settings()).releases.all()
    if as_json:
        for release in found:
            typer.echo(json.dumps(asdict(release), ensure_ascii=False, default=str))
        return
    table = Table("version", "state", "entered by", "approved by", "values changed", "cases changed", "note")
    for release in found:
        counts = (str(release.changes), str(release.cases_changed))
        people = (release.proposed_by, release.approved_by or "")
        table.add_row(release.version, release.state, *people, *counts, release.note)
    _console().print(table)


def _show_diff(found: Diff) -> None:
    table = Table("file", "entry", "before", "after", title=f"{found.before_version} to {found.after_version}")
    for change in found.changes[:_SHOWN]:
        table.add_row(change.file, change.entry, _short(change.before), _short(change.after))
    _console().print(table)
    effects = Table(
        "case", "before", "after", title=f"{len(found.effects)} of {found.cases} cases come out differently"
    )
    for effect in found.effects[:_SHOWN]:
        effects.add_row(effect.case, _short(dict(effect.before)), _short(dict(effect.after)))
    _console().print(effects)
    if len(found.changes) > _SHOWN or len(found.effects) > _SHOWN:
        typer.echo(
            f"The first {_SHOWN} of {len(found.changes)} changes and {len(found.effects)} cases; --json has all."
        )


def _short(value: object) -> str:
    if not isinstance(value, dict):
        return "" if value is None else str(value)
    return ", ".join(f"{name}={held}" for name, held in value.items() if held is not None)


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else 200)


def _files(folder: Path | None) -> RuleFiles:
    try:
        return shipped() if folder is None else read_folder(folder)
    except DomainError as error:
        raise typer.BadParameter(_said(error)) from error


def _law(folder: Path | None) -> Law:
    files = _files(folder)
    return Law(Rules(files), Tariffs(files))


def _fine(law: Law, question: Mapping[str, str]) -> FineAnswer:
    """Raises DomainError, and ValueError for what is missing or no number."""

    def asked(name: str) -> str:
        value = question.get(name)
        if not value:
            raise ValueError(
                f"{name} is missing: ask with series and excess, with measured, limit and road, or with offence"
            )
        return value

    on, vehicle = date.fromisoformat(asked("date")), int(asked("vehicle"))
    if question.get("series"):
        return law.fine_by_series(asked("series"), int(asked("excess")), vehicle, on)
    age = int(question["age"]) if question.get("age") else None
    if question.get("offence"):
        return law.fixed_fine(asked("offence"), vehicle, on, age)
    try:
        measured = Decimal(asked("measured"))
    except InvalidOperation:
        raise ValueError(f"measured is no number: {question['measured']}") from None
    if not measured.is_finite() or measured < 0:
        raise ValueError(f"measured is no speed: {question['measured']}")
    return law.fine(measured, int(asked("limit")), asked("road"), vehicle, on, age)


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
            values = (offence.route, offence.code, answer.amount_cents, answer.costs_cents, offence.table)
            out.writerow({**row, **dict(zip(_ANSWERS, [*values, answer.explanation.status], strict=False))})


def _said(error: Exception) -> str:
    return error.detail if isinstance(error, DomainError) else str(error)
