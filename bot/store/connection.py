"""A connection string or a file → Database, whose tables are those of this version or are said not to be."""

from pathlib import Path

from bot.store.database import MIGRATIONS, Database, StoreFault
from bot.store.sqlite import SQLiteDatabase

# What commands and servers call themselves to PostgreSQL.
OPERATOR, SERVER = "hms-store", "hms-bot"


def connect(url: str, file: Path, name: str = OPERATOR) -> Database:
    """The database of a PostgreSQL connection string, else the one in `file`, made where there is none.

    Its tables stay as they are. Raises StoreFault.
    """
    if not url:
        return SQLiteDatabase(file)
    try:
        from bot.store.postgres import PostgresDatabase
    except ImportError as error:
        raise StoreFault("PostgreSQL needs the extra `postgres`: pip install 'hms-bot[postgres]'") from error
    return PostgresDatabase(_named(url, name))


def connect_current(url: str, file: Path) -> Database:
    """A database that is there already and as this version wants it. Raises StoreFault, StoreUnavailable."""
    if not url and not file.is_file():
        raise StoreFault(f"there is no store at {file} yet: `hms serve` makes one, and so does `hms store migrate`")
    database = connect(url, file)
    there, known = migration_of(database), newest_migration()
    if there == known:
        return database
    described = database.describe()
    database.close()
    if there > known:
        raise StoreFault(f"{described} has migration {there}, which this version does not know")
    raise StoreFault(f"{described} has migration {there}, this version wants {known}: run `hms store migrate`")


def migration_of(database: Database) -> int:
    """The number of the last migration that was done, 0 where there are no tables yet. Raises StoreUnavailable."""
    with database.transaction() as at:
        if isinstance(database, SQLiteDatabase):
            tables = at.run("SELECT name FROM sqlite_master WHERE name = 'migration'")
        else:
            tables = at.run("SELECT 1 AS one WHERE to_regclass('migration') IS NOT NULL")
        if not tables:
            return 0
        return int(at.run("SELECT COALESCE(MAX(number), 0) AS number FROM migration")[0]["number"])


def newest_migration() -> int:
    return max(int(file.name.split("_")[0]) for file in MIGRATIONS.glob("*.sql"))


def _named(url: str, name: str) -> str:
    from psycopg import ProgrammingError
    from psycopg.conninfo import make_conninfo

    try:
        return make_conninfo(url, application_name=name)
    except ProgrammingError:
        return url  # it is no connection string, and is said to be none
