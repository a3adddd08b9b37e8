"""What cannot be done with a request."""


class Refusal(Exception):
    """A request that is turned away: the status, and what is wrong with it."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status = status
