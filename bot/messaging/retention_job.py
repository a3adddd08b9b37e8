"""What the server does by itself once in a while: forgetting what is old."""

import asyncio

import structlog

from bot.store.database import Database, StoreUnavailable
from bot.store.retention import ClockJumped, forget_old

EVERY = 3600.0

log = structlog.get_logger(__name__)


async def run_retention(database: Database, retention_days: int) -> None:
    """At once and then every hour, until cancelled. Several replicas may do it: what is gone is gone."""
    while True:
        try:
            gone = await asyncio.to_thread(forget_old, database, retention_days)
            if gone:
                log.info("old rows forgotten", count=gone, older_than_days=retention_days)
        except ClockJumped as error:
            log.warning("nothing forgotten", reason=str(error))
        except StoreUnavailable as error:
            log.warning("store unavailable", reason=str(error))
        await asyncio.sleep(EVERY)
