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


def keep_profile(database: Database, person: str, profile: Profile) -> None:
    with database.transaction() as at:
        at.run(
            "INSERT INTO profile (person, role, campus, language, at) VALUES (:person, :role, :campus, :language, :now)"
            " ON CONFLICT (person) DO UPDATE SET role = excluded.role, campus = excluded.campus,"
            " language = excluded.language, at = excluded.at",
            person=person, role=profile.role, campus=profile.campus, language=profile.language,
        )  # fmt: skip
