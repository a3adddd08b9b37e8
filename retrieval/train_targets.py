"""Texts with the targets that they ask for → the model of targets that ships, fitted with torch.

`hms train` writes it anew; seeded, and on one thread, so that the same data gives the same model.
Needs the extra `models`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from pathlib import Path

import numpy as np

from retrieval.target import BUCKETS, MODEL, Bag, save

SEED = 20200214
DIMENSIONS = 64
# With 8 epochs of batches of 256 at 0.01 judged questions that were left out are as likely to be right (82 of 100), and
# it takes twice as long.
EPOCHS = 6
BATCH = 512
RATE = 0.015
WARM_UP = 50
# Features, and dimensions of their sum, that a text is seen without: no one word is to be relied on.
DROPPED = 0.3
DIMENSIONS_DROPPED = 0.2
# So much of the probability is not believed to be with what a text is said to ask for.
SMOOTHING = 0.05


@dataclass(frozen=True, slots=True)
class Lesson:
    """A text as the model sees it, the targets any of which it asks for, and what it counts."""

    bag: Bag
    targets: Collection[str]
    weight: float = 1.0


def train_targets(lessons: Sequence[Lesson], file: Path = MODEL) -> None:
    """Fit the model on lessons and save it."""
    import torch

    torch.manual_seed(SEED)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)  # sums in another order would give another model
    draw = np.random.default_rng(SEED)
    targets = sorted({target for lesson in lessons for target in lesson.targets})
    number = {target: i for i, target in enumerate(targets)}
    asked = [np.array(sorted(number[target] for target in lesson.targets)) for lesson in lessons]
    counts = np.array([lesson.weight for lesson in lessons], dtype=np.float32)
    sizes = np.array([len(lesson.bag[0]) for lesson in lessons])
    starts = np.cumsum(sizes) - sizes
    buckets = np.concatenate([lesson.bag[0] for lesson in lessons])
    weights = np.concatenate([lesson.bag[1] for lesson in lessons])
    vectors = torch.nn.EmbeddingBag(BUCKETS, DIMENSIONS, mode="sum")
    torch.nn.init.normal_(vectors.weight, std=0.3 / sqrt(DIMENSIONS))
    head = torch.nn.Linear(DIMENSIONS, len(targets))
    dropout = torch.nn.Dropout(DIMENSIONS_DROPPED)
    optimiser = torch.optim.Adam([*vectors.parameters(), *head.parameters()], lr=RATE)
    steps = EPOCHS * ceil(len(lessons) / BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / WARM_UP) * max(0.02, 1 - step / steps)
    )
    for _ in range(EPOCHS):
        order = draw.permutation(len(lessons))
        for part in (order[at : at + BATCH] for at in range(0, len(order), BATCH)):
            first = np.cumsum(sizes[part]) - sizes[part]
            taken = np.arange(sizes[part].sum()) + np.repeat(starts[part] - first, sizes[part])
            kept = weights[taken] * (draw.random(len(taken)) >= DROPPED) / sqrt(1 - DROPPED)
            said = np.zeros((len(part), len(targets)), dtype=bool)
            for row, i in enumerate(part):
                said[row, asked[i]] = True
            summed = vectors(
                torch.from_numpy(buckets[taken]),
                torch.from_numpy(first),
                per_sample_weights=torch.from_numpy(kept.astype(np.float32)),
            )
            logs = torch.log_softmax(head(dropout(summed)), dim=1)
            right = torch.logsumexp(logs.masked_fill(~torch.from_numpy(said), -1e9), dim=1)
            count = torch.from_numpy(counts[part])
            loss = -(((1 - SMOOTHING) * right + SMOOTHING * logs.mean(dim=1)) * count).sum() / count.sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    found = {name: tensor.detach().numpy() for name, tensor in head.named_parameters()}
    save(targets, vectors.weight.detach().numpy(), {"weights": found["weight"], "bias": found["bias"]}, file)
