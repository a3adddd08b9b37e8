"""Texts as bags of features, with the labels any of which is right → a classifier that ships, fitted with torch.

`hms train` writes it anew; seeded, and on one thread, so that the same data gives the same model.
Needs the extra `models`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from pathlib import Path

import numpy as np

from retrieval.classifier import Bag, save

SEED = 20200214
DIMENSIONS = 64
BATCH = 512
RATE = 0.015
WARM_UP = 50
# Dimensions of the sum that a text is seen without.
DIMENSIONS_DROPPED = 0.2
# So much of the probability is not believed to be with the labels of a text.
SMOOTHING = 0.05


@dataclass(frozen=True, slots=True)
class Lesson:
    """A text as the classifier sees it, the labels any of which is right, and what it counts."""

    bag: Bag
    labels: Collection[str]
    weight: float = 1.0


def train_classifier(lessons: Sequence[Lesson], file: Path, buckets: int, epochs: int, dropped: float) -> None:
    """Fit a classifier on lessons and save it. Each text is seen without a share of its features, as `dropped` says: no
    one word is to be relied on."""
    import torch

    torch.manual_seed(SEED)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)  # sums in another order would give another model
    draw = np.random.default_rng(SEED)
    labels = sorted({label for lesson in lessons for label in lesson.labels})
    number = {label: i for i, label in enumerate(labels)}
    asked = [np.array(sorted(number[label] for label in lesson.labels)) for lesson in lessons]
    counts = np.array([lesson.weight for lesson in lessons], dtype=np.float32)
    sizes = np.array([len(lesson.bag[0]) for lesson in lessons])
    starts = np.cumsum(sizes) - sizes
    features = np.concatenate([lesson.bag[0] for lesson in lessons])
    weights = np.concatenate([lesson.bag[1] for lesson in lessons])
    vectors = torch.nn.EmbeddingBag(buckets, DIMENSIONS, mode="sum")
    torch.nn.init.normal_(vectors.weight, std=0.3 / sqrt(DIMENSIONS))
    head = torch.nn.Linear(DIMENSIONS, len(labels))
    dropout = torch.nn.Dropout(DIMENSIONS_DROPPED)
    optimiser = torch.optim.Adam([*vectors.parameters(), *head.parameters()], lr=RATE)
    steps = epochs * ceil(len(lessons) / BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / WARM_UP) * max(0.02, 1 - step / steps)
    )
    for _ in range(epochs):
        order = draw.permutation(len(lessons))
        for part in (order[at : at + BATCH] for at in range(0, len(order), BATCH)):
            first = np.cumsum(sizes[part]) - sizes[part]
            taken = np.arange(sizes[part].sum()) + np.repeat(starts[part] - first, sizes[part])
            kept = weights[taken] * (draw.random(len(taken)) >= dropped) / sqrt(1 - dropped)
            said = np.zeros((len(part), len(labels)), dtype=bool)
            for row, i in enumerate(part):
                said[row, asked[i]] = True
            summed = vectors(
                torch.from_numpy(features[taken]),
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
    save(labels, vectors.weight.detach().numpy(), {"weights": found["weight"], "bias": found["bias"]}, file)
