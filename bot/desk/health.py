"""What keeps a channel from working: seen in the log once, in `/readyz`, and as a figure."""

from collections.abc import Mapping

import structlog

from bot.metrics import Metrics

log = structlog.get_logger(__name__)


class Health:
    """Each channel's trouble, as long as there is one."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._troubles: dict[str, str] = {}

    def fail(self, channel: str, problem: str) -> None:
        """A channel does not work; `problem` names the setting to mend, and never a secret."""
        if self._troubles.get(channel) != problem:
            log.error("channel does not work", channel=channel, problem=problem)
            self._troubles[channel] = problem
            self._metrics.fails(channel, True)

    def mend(self, channel: str) -> None:
        if self._troubles.pop(channel, ""):
            log.info("channel works again", channel=channel)
            self._metrics.fails(channel, False)

    @property
    def troubles(self) -> Mapping[str, str]:
        return self._troubles
