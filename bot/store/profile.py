"""Who a person says they are: role, campus and language, picked once."""

from dataclasses import dataclass

from bot.store.database import Database, Transaction


@dataclass(frozen=True, slots=True)
class Profile:
    """Ids of the corpus; empty where nothing was picked."""

    role: str = ""
    campus: str = ""
    language: str = ""


def profile_of(at: Transaction, person: str) -> Profile:
    rows = at.run("SELECT role, campus, language FROM profile WHERE person = :person", person=person)
    return Profile(**rows[0]) if rows else Profile()


def spoken_by(at: Transaction, person: str) -> str:
    """The language that somebody has picked, else that of their last answer; empty where neither is kept."""
    rows = at.run(
        "SELECT language FROM answer WHERE person = :person AND person <> '' ORDER BY asked DESC LIMIT 1", person=person
    )
    return profile_of(at, person).language or (str(rows[0]["language"]) if rows else "")


def keep_choice(database: Database, person: str, name: str, value: str) -> None:
    """Keep one of role, campus and language; the others stay as they are, also where they are set at the same moment.
    Raises ValueError where there is no such choice."""
    if name not in Profile.__dataclass_fields__:
        raise ValueError(f"{name} is no choice of a profile")
    with database.transaction() as at:
        at.run(
            "INSERT INTO profile (person, role, campus, language, at) VALUES (:person, :role, :campus, :language, :now)"
            f" ON CONFLICT (person) DO UPDATE SET {name} = excluded.{name}, at = excluded.at",
            person=person, **{"role": "", "campus": "", "language": "", name: value},
        )  # fmt: skip


def keep_profile(database: Database, person: str, profile: Profile) -> None:
    with database.transaction() as at:
        at.run(
            "INSERT INTO profile (person, role, campus, language, at) VALUES (:person, :role, :campus, :language, :now)"
            " ON CONFLICT (person) DO UPDATE SET role = excluded.role, campus = excluded.campus,"
            " language = excluded.language, at = excluded.at",
            person=person, role=profile.role, campus=profile.campus, language=profile.language,
        )  # fmt: skip
