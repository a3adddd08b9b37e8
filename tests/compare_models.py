"""Two model folders → whether they say the same: byte for byte on one kind of processor, nearly so on another.

Run as `python tests/compare_models.py EMBEDDER EMBEDDER INTENTS INTENTS`.
"""

import json
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from bot.bootstrap import read_all_examples
from retrieval.embedding import StaticEmbedder
from retrieval.lexicon import Lexicon
from retrieval.target import TargetModel
from retrieval.words import normalise

# Other processors add in another order; over a training of some thousand steps that is seen. Models
# of other data correlate at 0.6.
NEARLY = 0.9


def main(*folders: str) -> int:
    """Folders of two embedders, then of two sets of weights of the intents."""
    shipped, trained, weights, others = map(Path, folders)
    return compare_embedders(shipped, trained) or compare_targets(shipped, trained) or compare_weights(weights, others)


def compare_weights(shipped: Path, trained: Path) -> int:
    """Kinds and decision: the same bytes, or numbers that go together."""
    kinds = [load_file(folder / "kind.safetensors")["weights"].astype(float).ravel() for folder in (shipped, trained)]
    read = [json.loads((folder / "decision.json").read_text(encoding="utf-8")) for folder in (shipped, trained)]
    names = sorted(set(read[0]) | set(read[1]))
    decisions = [np.array([row.get(name, 0.0) for name in names]) for row in read]
    likeness = {
        "kinds of question": float(np.corrcoef(*kinds)[0, 1]),
        "decision": float(np.corrcoef(*decisions)[0, 1]),
    }
    print(", ".join(f"weights of the {name} correlate at {value:.4f}" for name, value in likeness.items()))
    return 0 if min(likeness.values()) >= NEARLY else 1


def compare_targets(shipped: Path, trained: Path) -> int:
    """What two models of targets hold likely: the same bytes, or likelihoods that go together."""
    files = [folder / "target.safetensors" for folder in (shipped, trained)]
    if files[0].read_bytes() == files[1].read_bytes():
        print("the same model of targets, byte for byte")
        return 0
    texts = [normalise(example.text) for example in read_all_examples()[::20]]
    analyses = [Lexicon({}, {}, ()).analyse(text) for text in texts]
    models = [TargetModel(file) for file in files]
    first, second = (
        np.array([[*model.probabilities(t, a, ()).values()] for t, a in zip(texts, analyses, strict=True)])
        for model in models
    )
    likeness = float(np.corrcoef(first.ravel(), second.ravel())[0, 1])
    print(f"not the same bytes; likelihoods of the targets of {len(texts)} texts correlate at {likeness:.4f}")
    return 0 if likeness >= NEARLY else 1


def compare_embedders(shipped: Path, trained: Path) -> int:
    if (shipped / "model.safetensors").read_bytes() == (trained / "model.safetensors").read_bytes():
        print("the same model, byte for byte")
        return 0
    texts = [normalise(example.text) for example in read_all_examples()[::20]]
    first, second = (StaticEmbedder(folder).queries(texts) for folder in (shipped, trained))
    # The space may be turned; what counts is which texts are near which.
    likeness = float(np.corrcoef((first @ first.T).ravel(), (second @ second.T).ravel())[0, 1])
    print(f"not the same bytes; similarities of {len(texts)} texts correlate at {likeness:.4f}")
    return 0 if likeness >= NEARLY else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
