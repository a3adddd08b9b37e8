"""Two model folders → whether they say the same: byte for byte on one kind of processor, nearly so on another.

Run as `python tests/compare_models.py FOLDER FOLDER`.
"""

import sys
from pathlib import Path

import numpy as np

from bot.bootstrap import read_all_examples
from retrieval.embedding import StaticEmbedder
from retrieval.words import normalise

# Other processors add in another order; over a training of some thousand steps that is seen. Models
# of other data correlate at 0.6.
NEARLY = 0.9


def main(shipped: Path, trained: Path) -> int:
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
    sys.exit(main(*map(Path, sys.argv[1:])))
