"""`hms store …`: what those who run the bot do with its store."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.startup import DATA_UNUSABLE, read_settings

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.store.database import Database

store = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Back up, restore, move or forget what is kept.\n\nWhich store: HMS_STORE_FILE or HMS_DATABASE_URL.",
)


@contextmanager
def faults_told() -> Iterator["Settings"]:
    """The settings; what is wrong with them or with the store ends the command with its reason."""
    from bot.store.database import StoreFault, StoreUnavailable

    settings = read_settings()
    try:
        yield settings
    except (StoreFault, StoreUnavailable) as error:
        typer.echo(error, err=True)
        raise typer.Exit(DATA_UNUSABLE) from error


@contextmanager
def opened(
    connect: Callable[[str, Path], "Database"] | None = None, must_exist: bool = False
) -> Iterator[tuple["Settings", "Database"]]:
    """The settings and the store they name, closed in the end; by default one that is as this version wants it."""
    from bot.store.connection import connect_current
    from bot.store.database import StoreFault

    with faults_told() as settings:
        url = settings.database_url.get_secret_value()
        if must_exist and not url and not settings.store_file.is_file():
            raise StoreFault(f"there is no store at {settings.store_file} yet")
        database = (connect or connect_current)(url, settings.store_file)
        try:
            yield settings, database
        finally:
            database.close()


@store.command()
def info() -> None:
    """What stands in the store and what waits in it."""
    from rich.console import Console
    from rich.table import Table

    from bot.store.connection import connect
    from bot.store.overview import look_over

    with opened(connect, must_exist=True) as (_, database):
        found = look_over(database)
    console = Console(highlight=False)
    oldest = f"{datetime.fromtimestamp(found.oldest, UTC):%Y-%m-%d}" if found.oldest else "none"
    behind = "" if found.migration == found.newest else f", this version wants {found.newest}: hms store migrate"
    for name, value in (
        ("store", found.described),
        ("size", f"{found.size / 1024:,.0f} kB"),
        ("migration", f"{found.migration}{behind}"),
        ("oldest answer", oldest),
        ("paused", ", ".join(found.paused) or "nothing"),
    ):
        console.print(f"{name}: {value}", markup=False, soft_wrap=True)
    rows = Table("table", "rows")
    for table, count in found.rows.items():
        rows.add_row(table, str(count))
    queues = Table("kind", "channel", "state", "count")
    for queue in found.queues:
        queues.add_row(queue.kind, queue.channel, queue.state, str(queue.count))
    for shown in (rows, queues):
        if shown.row_count:
            console.print(shown)


@store.command()
def check() -> None:
    """Whether the file is whole, and nothing is kept that should not be. Exit status 1 where something is wrong."""
    from bot.store.overview import find_problems

    with opened() as (_, database):
        problems = find_problems(database)
    for problem in problems:
        typer.echo(problem, err=True)
    typer.echo(f"{len(problems)} problem(s)" if problems else "sound")
    raise typer.Exit(1 if problems else 0)


@store.command()
def migrate() -> None:
    """Bring the tables to this version; `hms serve` does it at its start too."""
    from bot.store import database as tables
    from bot.store.connection import connect

    with opened(connect) as (_, database):
        done = tables.migrate(database)
    typer.echo(f"done: {', '.join(done)}" if done else "nothing to do")


@store.command()
def backup(file: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")]) -> None:
    """Copy the whole store into a file, while the server goes on."""
    from bot.store.database import StoreFault
    from bot.store.restoring import check_backup
    from bot.store.sqlite import SQLiteDatabase

    with opened() as (_, database):
        if not isinstance(database, SQLiteDatabase):
            raise StoreFault(
                f"{database.describe()} is backed up by PostgreSQL's own means:"
                f' pg_dump --format=custom --file={file} "$HMS_DATABASE_URL", and back by'
                ' pg_restore --clean --if-exists --single-transaction --dbname="$HMS_DATABASE_URL" FILE'
            )
        database.backup(file)
        check_backup(file)
    typer.echo(f"{file}: {file.stat().st_size / 1024:,.0f} kB, checked")


@store.command()
def restore(file: Annotated[Path, typer.Argument(help="A backup.", exists=True, dir_okay=False)]) -> None:
    """Put a backup in the place of the store. The server must be stopped; the replaced store is kept beside it."""
    from bot.store import restoring
    from bot.store.database import StoreFault

    with faults_told() as settings:
        if settings.database_url.get_secret_value():
            raise StoreFault("HMS_DATABASE_URL is set: pg_restore restores it, see `hms store backup`")
        aside = restoring.restore(file, settings.store_file)
    typer.echo(f"{settings.store_file} is what {file} was" + (f"; what it was before: {aside}" if aside else ""))
    typer.echo("Whoever asked to be forgotten since that backup is in it again: `hms store forget`.")


@store.command()
def copy(
    to: Annotated[str, typer.Option(help="A file, or a PostgreSQL connection string (passwords: ~/.pgpass).")],
) -> None:
    """Copy everything into another, empty store: all of it or nothing. Servers must be stopped."""
    from bot.store import database as tables
    from bot.store.connection import connect
    from bot.store.database import StoreFault
    from bot.store.restoring import alone
    from bot.store.transfer import copy as copy_all
    from bot.store.transfer import others_connected

    with faults_told() as settings:
        if not settings.database_url.get_secret_value() and settings.store_file.is_file():
            with alone(settings.store_file):
                pass
    with opened() as (_, source):
        if others := others_connected(source):
            raise StoreFault(f"{', '.join(others)} has {source.describe()} open: stop it first")
        is_url = "://" in to or "=" in to
        target = connect(to if is_url else "", Path(to))
        try:
            tables.migrate(target)
            copied = copy_all(source, target)
        finally:
            target.close()
    for table, count in copied.items():
        typer.echo(f"{table}: {count}")
    setting = "HMS_DATABASE_URL" if is_url else "HMS_STORE_FILE"
    typer.echo(f"All is there, counted in both. Set {setting}, and HMS_SECRET to the secret in use, and start again.")


@store.command()
def forget(
    channel: Annotated[str, typer.Option(help="slack, teams or web.")],
    user: Annotated[str, typer.Option(help="The person's id in that channel.")],
    team: Annotated[str, typer.Option(help="The Slack team or Teams tenant.")] = "",
) -> None:
    """Forget a person: questions, answers, feedback, choices, and what waits. Backups made before keep them."""
    from bot.server import open_pseudonyms
    from bot.store.database import StoreFault
    from bot.store.retention import forget_person

    with opened() as (settings, database):
        secret = settings.secret_file
        if not settings.secret.get_secret_value() and not secret.is_file():
            raise StoreFault(f"neither HMS_SECRET nor {secret} is there: without it nobody can be found in the store")
        person = open_pseudonyms(settings, database).of("person", channel, team, user)
        typer.echo(f"{forget_person(database, person)} row(s) forgotten")


@store.command()
def new_secret() -> None:
    """Make a secret where the store's own is lost. Nobody in the store is known again; what is kept stays until it is
    old."""
    from bot.store.database import StoreFault
    from bot.store.pseudonym import make_secret

    with faults_told() as settings:
        if settings.secret.get_secret_value():
            raise StoreFault("HMS_SECRET is set: that is the secret")
        if settings.secret_file.exists():
            raise StoreFault(f"{settings.secret_file} is there: move it away first, if another is wanted")
        make_secret(settings.secret_file)
    typer.echo(f"{settings.secret_file}: made. Back it up apart from the store.")


@store.command()
def prune(
    trust_clock: Annotated[
        bool, typer.Option("--trust-clock", help="The clock is right, though it has jumped.")
    ] = False,
) -> None:
    """Forget now what is older than HMS_RETENTION_DAYS; the server does so every hour."""
    from bot.store.retention import ClockJumped, forget_old

    with opened() as (settings, database):
        try:
            gone = forget_old(database, settings.retention_days, trust_clock)
        except ClockJumped as error:
            typer.echo(f"{error}. If the clock is right: hms store prune --trust-clock", err=True)
            raise typer.Exit(1) from error
    typer.echo(f"{gone} row(s) older than {settings.retention_days} days forgotten")
