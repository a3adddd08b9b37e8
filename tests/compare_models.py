"""Two model folders → whether they say the same: byte for byte on one kind of processor, nearly so on another.

Run as `python tests/compare_models.py EMBEDDER EMBEDDER INTENTS INTENTS`.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bot.bootstrap import read_all_examples
from intents.kind import Shape, features
from intents.situation import situation_features
from retrieval.classifier import Bag, Classifier
from retrieval.embedding import StaticEmbedder
from retrieval.lexicon import Lemmas, Lexicon
from retrieval.target import target_features
from retrieval.words import normalise

# Other processors add in another order; over a training of some thousand steps that is seen. Models
# of other data correlate at 0.6.
NEARLY = 0.9


def main(*folders: str) -> int:
    """Folders of two embedders, then of two sets of weights of the intents."""
    shipped, trained, weights, others = map(Path, folders)
    return (
        compare_embedders(shipped, trained)
        or compare_classifiers("target", shipped, trained, _target_bag)
        or compare_classifiers("kind", weights, others, _kind_bag)
        or compare_classifiers("situation", weights, others, _situation_bag)
        or compare_weights(weights, others)
    )


def compare_weights(shipped: Path, trained: Path) -> int:
    """Decision, polarity, courtesies and threads: numbers that go together."""
    likeness = {}
    for name in ("decision", "polarity", "courtesies", "bounds", "thread"):
        read = [json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for folder in (shipped, trained)]
        features = sorted(set(read[0]) | set(read[1]))
        first, second = (np.array([row.get(feature, 0.0) for feature in features]) for row in read)
        likeness[name] = float(np.corrcoef(first, second)[0, 1])
    print(", ".join(f"weights of the {name} correlate at {value:.4f}" for name, value in likeness.items()))
    return 0 if min(likeness.values()) >= NEARLY else 1


def compare_classifiers(name: str, shipped: Path, trained: Path, bag: Callable[[str], Bag]) -> int:
    """What two classifiers hold likely: the same bytes, or probabilities that go together."""
    files = [folder / f"{name}.safetensors" for folder in (shipped, trained)]
    if files[0].read_bytes() == files[1].read_bytes():
        print(f"the same {name} model, byte for byte")
        return 0
    bags = [bag(normalise(example.text)) for example in read_all_examples()[::20]]
    first, second = (np.array([[*model.shares(found).values()] for found in bags]) for model in map(Classifier, files))
    likeness = float(np.corrcoef(first.ravel(), second.ravel())[0, 1])
    print(f"not the same bytes; the {name} model's probabilities of {len(bags)} texts correlate at {likeness:.4f}")
    return 0 if likeness >= NEARLY else 1


def _target_bag(text: str) -> Bag:
    return target_features(text, Lexicon(Lemmas({}, {}), {}, ()).analyse(text), ())


def _kind_bag(text: str) -> Bag:
    analysis = Lexicon(Lemmas({}, {}), {}, ()).analyse(text)
    return features(Shape(analysis.words, analysis.lemmas, (), ()))


def _situation_bag(text: str) -> Bag:
    return situation_features(Lexicon(Lemmas({}, {}), {}, ()).analyse(text).words, ())


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
