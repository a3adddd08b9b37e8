"""Answers → Prometheus figures: how many and how fast, never what was asked or by whom."""

from datetime import UTC, date, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from intents.answer import Answer


class Metrics:
    """Counts of one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._questions = Counter(
            "hms_questions", "Questions answered.", ["outcome", "language", "channel"], registry=self._registry
        )
        self._seconds = Histogram(
            "hms_answer_seconds",
            "Time from a question to its reply.",
            ["channel"],
            buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5),
            registry=self._registry,
        )
        self._feedback = Counter("hms_feedback", "Feedback given.", ["value", "channel"], registry=self._registry)
        self._lost = Counter(
            "hms_answers_lost", "Answers given whose record could not be kept.", registry=self._registry
        )
        self._failing = Gauge(
            "hms_channel_failing",
            "1 while a channel does not work; /readyz says why.",
            ["channel"],
            registry=self._registry,
        )
        self._waiting = Gauge(
            "hms_messages_waiting", "Messages that wait for their platform.", ["channel"], registry=self._registry
        )
        self._expires = Gauge(
            "hms_credential_expires_timestamp_seconds",
            "When what a channel proves itself with expires, where that is known.",
            ["channel"],
            registry=self._registry,
        )

    def count(self, answer: Answer, seconds: float, channel: str) -> None:
        self._questions.labels(answer.outcome, answer.language, channel).inc()
        self._seconds.labels(channel).observe(seconds)

    def feedback_given(self, value: int, channel: str) -> None:
        self._feedback.labels("helpful" if value > 0 else "unhelpful", channel).inc()

    def lost(self, count: int) -> None:
        self._lost.inc(count)

    def fails(self, channel: str, now: bool) -> None:
        self._failing.labels(channel).set(now)

    def waits(self, channel: str, count: int) -> None:
        self._waiting.labels(channel).set(count)

    def expires(self, channel: str, day: date) -> None:
        """At the beginning of that day."""
        self._expires.labels(channel).set(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())

    def text(self) -> bytes:
        return generate_latest(self._registry)
