"""What is done after Slack has its acknowledgement, and that nobody waits for."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

# Seconds an errand may take, a Retry-After included.
PATIENCE = 60.0
# Seconds that errands on their way have when the server stops.
DRAIN = 3.0

log = structlog.get_logger(__name__)


class BackgroundTasks:
    """Runs coroutines in the background; one that fails is logged, and hurts nobody else."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, name: str, errand: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(self._run(name, errand))
        self._tasks.add(task)  # the loop itself holds a task only weakly
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=DRAIN)
            for task in late:
                task.cancel()

    async def _run(self, name: str, errand: Coroutine[Any, Any, object]) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await errand
        except Exception as error:  # it is nobody's answer: the bot goes on
            log.warning("errand failed", errand=name, error=type(error).__name__)
