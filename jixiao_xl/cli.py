"""The command line (命令行): one command a verb: parse, call, print. Heavy imports happen inside the commands."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from jixiao_xl.model import texts, texts_mail
from jixiao_xl.model.errors import JixiaoError

if TYPE_CHECKING:
    from jixiao_xl.bureau import BureauOutcome
    from jixiao_xl.pipeline import Outcome

app = typer.Typer(help=texts.HELP_APP, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

Json = Annotated[bool, typer.Option("--json", help=texts.HELP_JSON)]
AsOf = Annotated[str | None, typer.Option("--as-of", help=texts.HELP_AS_OF)]
WorkspacePath = Annotated[Path, typer.Argument(metavar="WORKSPACE")]
Send = Annotated[bool, typer.Option("--send", help=texts_mail.HELP_SEND)]
Again = Annotated[bool, typer.Option("--again", help=texts_mail.HELP_AGAIN)]
COULD_NOT_RUN = 2


@app.command(help=texts.HELP_DEMO)
def demo(directory: Annotated[Path, typer.Argument(metavar="DIR")] = Path("绩效自评示例"), json: Json = False) -> None:
    """The sample, consolidated."""
    from jixiao_xl import verbs

    _finish(verbs.demo(directory, progress=_progress), as_json=json)


@app.command(help=texts.HELP_INIT)
def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR")],
    department: Annotated[str, typer.Option()],
    year: Annotated[int, typer.Option(min=2000, max=2099)],
    last: Annotated[Path | None, typer.Option("--from", metavar="LAST", help=texts_mail.HELP_INIT_FROM)] = None,
) -> None:
    """A new workspace."""
    from jixiao_xl import verbs

    for remark in verbs.init(directory, department=department, year=year, last=last, progress=_progress):
        typer.echo(remark)
    typer.echo(texts.INIT_DONE.format(path=directory, year=year))


@app.command(help=texts.HELP_ISSUE)
def issue(
    workspace: WorkspacePath,
    unit: Annotated[str | None, typer.Option(help=texts.HELP_UNIT)] = None,
    send: Send = False,
    again: Again = False,
    as_of: AsOf = None,
) -> None:
    """One workbook and one letter a unit."""
    from jixiao_xl import mail_verbs
    from jixiao_xl.cli_print_mail import print_sent

    delivery = mail_verbs.Delivery(send=send, again=again, as_of=_day(as_of))
    written, sent = mail_verbs.issue_letters(workspace, unit=unit, delivery=delivery, progress=_progress)
    typer.echo(
        texts.ISSUED.format(count=len(written), path=next(iter(written.values())).parent if written else workspace)
    )
    print_sent(sent)
    raise typer.Exit(mail_verbs.unreached(sent))


@app.command(help=texts_mail.HELP_COLLECT)
def collect(
    workspace: WorkspacePath,
    imap: Annotated[bool, typer.Option("--imap", help=texts_mail.HELP_IMAP)] = False,
    source: Annotated[Path | None, typer.Option("--from", help=texts_mail.HELP_FROM)] = None,
    as_of: AsOf = None,
) -> None:
    """Replies into 收到/."""
    from jixiao_xl import collect_verbs
    from jixiao_xl.cli_print_mail import print_collected

    collected = collect_verbs.collect_replies(
        workspace, imap=imap, source=source, as_of=_day(as_of), progress=_progress
    )
    print_collected(collected, workspace)
    raise typer.Exit(int(bool(collected.trouble)))


@app.command(help=texts_mail.HELP_STATUS)
def status(workspace: WorkspacePath, as_of: AsOf = None) -> None:
    """Where every unit stands."""
    from jixiao_xl import status_verbs
    from jixiao_xl.cli_print_mail import print_status

    print_status(status_verbs.status(workspace, as_of=_day(as_of), progress=_progress))


@app.command(help=texts_mail.HELP_REMIND)
def remind(
    workspace: WorkspacePath,
    unit: Annotated[str | None, typer.Option(help=texts_mail.HELP_REMIND_UNIT)] = None,
    send: Send = False,
    again: Again = False,
    as_of: AsOf = None,
) -> None:
    """Reminders."""
    from jixiao_xl import mail_verbs
    from jixiao_xl.cli_print_mail import print_reminded

    delivery = mail_verbs.Delivery(send=send, again=again, as_of=_day(as_of))
    sent = mail_verbs.remind(workspace, unit=unit, delivery=delivery, progress=_progress)
    print_reminded(sent)
    raise typer.Exit(mail_verbs.unreached(sent))


@app.command(help=texts.HELP_CHECK)
def check(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE|DIR…")],
    json: Json = False,
) -> None:
    """Validate workbooks without a workspace."""
    from jixiao_xl import verbs
    from jixiao_xl.cli_print import print_check

    document = verbs.check(paths)
    if json:
        typer.echo(document.model_dump_json(by_alias=True, indent=1))
    else:
        print_check(document)
    raise typer.Exit(int(any(finding.severity == "must_fix" for finding in document.findings)))


@app.command(help=texts.HELP_CONSOLIDATE)
def consolidate(
    workspace: WorkspacePath,
    out: Annotated[Path | None, typer.Option(help=texts.HELP_OUT)] = None,
    inputs: Annotated[Path | None, typer.Option(help=texts.HELP_INPUTS)] = None,
    partial: Annotated[bool, typer.Option("--partial", help=texts.HELP_PARTIAL)] = False,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """The main job."""
    from jixiao_xl import bureau, pipeline

    day = _day(as_of)
    if bureau.is_bureau(workspace, inputs):
        _finish(
            bureau.consolidate_packages(workspace, inputs=inputs, out=out, as_of=day, progress=_progress), as_json=json
        )
    outcome = pipeline.consolidate(workspace, out=out, inputs=inputs, partial=partial, as_of=day, progress=_progress)
    _finish(outcome, as_json=json)


@app.command("return", help=texts.HELP_RETURN)
def give_back(
    workspace: WorkspacePath,
    unit: Annotated[str | None, typer.Option(help=texts.HELP_RETURN_UNIT)] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help=texts.HELP_FRESH)] = False,
    send: Send = False,
    again: Again = False,
    as_of: AsOf = None,
) -> None:
    """What goes back to the units."""
    from jixiao_xl import mail_verbs
    from jixiao_xl.cli_print import print_returned
    from jixiao_xl.cli_print_mail import print_sent

    delivery = mail_verbs.Delivery(send=send, again=again, as_of=_day(as_of))
    code, back, sent = mail_verbs.return_letters(
        workspace, unit=unit, fresh=fresh, delivery=delivery, progress=_progress
    )
    print_returned(back, fresh=fresh)
    print_sent(sent)
    raise typer.Exit(max(code, mail_verbs.unreached(sent)))


@app.command(help=texts.HELP_REPORT)
def report(
    workspace: WorkspacePath,
    force: Annotated[bool, typer.Option("--force", help=texts.HELP_FORCE)] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help=texts.HELP_PDF)] = False,
    as_of: AsOf = None,
) -> None:
    """The report and its attached forms."""
    from jixiao_xl import report_verbs
    from jixiao_xl.cli_print_report import print_report

    outcome = report_verbs.report(workspace, force=force, pdf=pdf, as_of=_day(as_of), progress=_progress)
    print_report(outcome)


@app.command("check-report", help=texts.HELP_CHECK_REPORT)
def check_report(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    workspace: Annotated[Path | None, typer.Option(help=texts.HELP_REPORT_WORKSPACE)] = None,
    out: Annotated[Path | None, typer.Option(help=texts.HELP_REPORT_OUT)] = None,
    every: Annotated[bool, typer.Option("--all", help=texts.HELP_ALL)] = False,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Every figure of anybody's report."""
    from jixiao_xl import report_verbs
    from jixiao_xl.cli_print_report import print_checked_report
    from jixiao_xl.model.check_documents import check_report_document

    checked, saved = report_verbs.check_report(
        file, workspace=workspace, out=out, as_of=_day(as_of), progress=_progress
    )
    if json:
        typer.echo(check_report_document(checked).model_dump_json(by_alias=True, indent=1))
    else:
        print_checked_report(checked, saved, every=every)
    raise typer.Exit(int(any(finding.severity == "must_fix" for finding in checked.findings)))


@app.command(help=texts_mail.HELP_PACKAGE)
def package(
    workspace: WorkspacePath,
    unseal: Annotated[bool, typer.Option("--unseal", help=texts_mail.HELP_UNSEAL)] = False,
    reason: Annotated[str, typer.Option(help=texts_mail.HELP_REASON)] = "",
    as_of: AsOf = None,
) -> None:
    """Seal, and make the package for the bureau."""
    from jixiao_xl import package_verbs

    if unseal:
        typer.echo(package_verbs.unseal(workspace, reason=reason, as_of=_day(as_of)))
        return
    packaged = package_verbs.package(workspace, as_of=_day(as_of), progress=_progress)
    for sentence in packaged.sentences:
        typer.echo(sentence)
    raise typer.Exit(packaged.exit_code)


@app.command(help=texts.HELP_TEMPLATES)
def templates(action: Annotated[Literal["build", "verify"], typer.Argument()]) -> None:
    """workbook_templates/ from mappings/, or proof that they match."""
    from jixiao_xl import templates as made

    for line in made.build() if action == "build" else made.verify():
        typer.echo(line)


@app.command(help=texts.HELP_SCHEMA)
def schema() -> None:
    """The JSON Schema of every --json."""
    import json as encoder

    from jixiao_xl.model.schemas import SCHEMAS

    schemas = {name: model.model_json_schema(by_alias=True) for name, model in SCHEMAS.items()}
    typer.echo(encoder.dumps(schemas, ensure_ascii=False, indent=1))


@app.command(help=texts.HELP_DOCTOR)
def doctor(
    workspace: Annotated[
        Path | None, typer.Argument(metavar="[WORKSPACE]", help=texts_mail.HELP_DOCTOR_WORKSPACE)
    ] = None,
) -> None:
    """Is this machine ready."""
    from jixiao_xl.doctor import diagnose

    lines, ready = diagnose(workspace or Path.cwd())
    for line in lines:
        typer.echo(line)
    raise typer.Exit(0 if ready else COULD_NOT_RUN)


def main() -> None:
    """Run the command line; whatever happens, the officer reads a sentence and never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Callable[..., None] | None = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
    gc.set_threshold(100_000)  # a run makes many small records that live to its end: looking for cycles finds none
    try:
        app()
    except JixiaoError as error:
        _refuse(str(error))
    except OSError as error:
        _refuse(texts.CANNOT_WRITE.format(path=error.filename, reason=error.strerror))
    except Exception:  # noqa: BLE001  # the one place: an officer must never see a traceback
        _refuse(texts.UNEXPECTED.format(log=_keep_traceback()))


def _refuse(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    sys.exit(COULD_NOT_RUN)


def _keep_traceback() -> Path:
    """The traceback goes into a log beside the user's files, for the maintainer."""
    path = Path.cwd() / "jixiao-xl-error.log"
    try:
        handler: logging.Handler = logging.FileHandler(path, encoding="utf-8")
    except OSError:
        handler = logging.StreamHandler()
    logger = logging.getLogger("jixiao_xl")
    logger.addHandler(handler)
    logger.exception("unexpected")
    handler.close()
    return path


def _progress(sentence: str) -> None:
    typer.echo(sentence, err=True)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise JixiaoError(texts.BAD_DATE.format(text=text)) from error


def _finish(outcome: Outcome | BureauOutcome, *, as_json: bool) -> NoReturn:
    from jixiao_xl.cli_print import print_outcome

    if as_json:
        typer.echo(outcome.document.model_dump_json(by_alias=True, indent=1))
    else:
        print_outcome(outcome.document, outcome.sentence, outcome.folder)
    raise typer.Exit(outcome.exit_code)


if __name__ == "__main__":
    main()
