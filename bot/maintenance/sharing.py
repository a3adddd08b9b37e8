"""What a command changes in an organisation's folder → the store, from which the servers that share it take it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from bot.startup import DATA_UNUSABLE, read_settings, terminal_words

# In the organisation's folder while a command changes it: what the folder held before. It stays where the command was
# killed, and has the next one share what that one did.
MARK = ".documents.unshared"


@contextmanager
def shared_with_replicas(folder: Path, into: Path | None) -> Iterator[None]:
    """Where servers share a store, have them take what changes in the folder, also where none runs on it. The command
    ends before it changes anything where the store cannot be reached, or has a newer state than the folder."""
    settings = read_settings()
    url = settings.database_url.get_secret_value()
    if into is not None or not url:
        yield
        return
    from bot.messaging.document_watch import digest, pack
    from bot.store.connection import connect_current
    from bot.store.database import StoreFault, StoreUnavailable
    from bot.store.publication import Publication, Superseded, check_newest, share

    mark, words = folder / MARK, terminal_words()
    try:
        database = connect_current(url, settings.store_file)
        base = mark.read_text(encoding="utf-8") if mark.is_file() else digest(folder)
        check_newest(database, digest(folder), base)
        mark.write_text(base, encoding="utf-8")
        try:
            yield
        finally:
            if (after := digest(folder)) != base and share(database, Publication(after, base, pack(folder))):
                typer.echo(words["sharing.shared"])
            mark.unlink()
            database.close()
    except (StoreFault, StoreUnavailable) as error:
        typer.echo(words["sharing.unreachable"].format(problem=error), err=True)
        raise typer.Exit(DATA_UNUSABLE) from error
    except Superseded as error:
        typer.echo(words["sharing.superseded"].format(folder=folder), err=True)
        raise typer.Exit(1) from error


def take(folder: Path) -> None:
    """Write what the servers that share the store answer from into a folder that is not there yet.

    Where it was published or reviewed elsewhere: to go on from there, with HMS_ORGANISATION set to it.

    `hms document take organisation-2027`
    """
    import tempfile

    from bot.messaging.document_watch import extract
    from bot.store.cli import opened
    from bot.store.publication import archive_of, known_digests

    words = terminal_words()
    if folder.exists():
        typer.echo(words["sharing.there"].format(folder=folder), err=True)
        raise typer.Exit(1)
    with opened() as (_, database):
        known = known_digests(database)
        archive = archive_of(database, known[0][0]) if known else None
    if archive is None:
        typer.echo(words["sharing.nothing"], err=True)
        raise typer.Exit(1)
    with tempfile.TemporaryDirectory(dir=folder.absolute().parent, prefix=f".{folder.name}.") as beside:
        extract(archive, Path(beside) / folder.name).rename(folder)
    typer.echo(f"{folder}: HMS_ORGANISATION={folder}")
