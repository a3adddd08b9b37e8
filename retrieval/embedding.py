"""A sentence-transformers model folder → text vectors.

The shipped model is a static one: the mean of its tokens' vectors. It is read here with tokenizers and
numpy alone, in a tenth of the time that importing torch takes. Any other model is run by
sentence-transformers (extra `models`).
"""

import json
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

MODEL = Path(__file__).with_name("model")

_BY_WORD = {"type": "Metaspace", "prepend_scheme": "always", "split": True}

Vectors = npt.NDArray[np.float32]


class Embedder(Protocol):
    """Turns texts into unit vectors, shape (texts, dimensions)."""

    def queries(self, texts: Sequence[str]) -> Vectors: ...

    def passages(self, texts: Sequence[str]) -> Vectors: ...


class StaticEmbedder:
    """A sentence-transformers `StaticEmbedding` folder, read without torch."""

    def __init__(self, folder: Path = MODEL) -> None:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        module = folder / next(m["path"] for m in json.loads((folder / "modules.json").read_text()) if m["idx"] == 0)
        self._tokenizer = Tokenizer.from_file(str(module / "tokenizer.json"))
        self._tokenizer.no_padding()
        # It would keep words that people type, and is no faster for it.
        self._tokenizer.model._resize_cache(0)
        self._vectors = load_file(module / "model.safetensors")["embedding.weight"].astype(np.float32)

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self._means(self._encode(texts))

    def passages(self, texts: Sequence[str]) -> Vectors:
        """As `queries`, in half the time: each word of the texts is taken apart once."""
        if not self._takes_words_apart:
            return self.queries(texts)
        # A tokenizer sees a space that stands beside another, too.
        pieces = [text.split(" ") if text and "  " not in f" {text} " else [text] for text in texts]
        found = [*{piece for text in pieces for piece in text}]
        tokens = dict(zip(found, self._encode(found), strict=True))
        return self._means([[token for piece in text for token in tokens[piece]] for text in pieces])

    @cached_property
    def _takes_words_apart(self) -> bool:
        """Whether no token reaches over a space, so that a text's tokens are those of its words."""
        steps = json.loads(self._tokenizer.to_str())["pre_tokenizer"] or {}
        first = steps.get("pretokenizers", [steps])[0]
        return all(first.get(key) == value for key, value in _BY_WORD.items())

    def _encode(self, texts: Sequence[str]) -> list[list[int]]:
        return [found.ids for found in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    def _means(self, texts: Sequence[list[int]]) -> Vectors:
        """The mean of each text's tokens, of length 1; 0 where it has none."""
        out = np.zeros((len(texts), self._vectors.shape[1]), dtype=np.float32)
        lengths = np.array([len(tokens) for tokens in texts])
        for length in np.unique(lengths[lengths > 0]):  # all texts of a length at once
            rows = np.flatnonzero(lengths == length)
            vectors = self._vectors[np.array([texts[row] for row in rows.tolist()])].mean(axis=1)
            norms = np.sqrt(np.matmul(vectors[:, None, :], vectors[:, :, None])[:, :, 0])
            out[rows] = vectors / np.maximum(norms, np.float32(1e-12))
        return out


class SentenceTransformerEmbedder:
    """Any sentence-transformers model; `query` and `passage` are put before texts where the model wants them."""

    def __init__(self, model: str, query: str = "", passage: str = "") -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise RuntimeError(f"the model {model} needs the extra `models`: pip install 'hms-bot[models]'") from error
        try:
            self._model = SentenceTransformer(model, device="cpu")
        except (OSError, ValueError) as error:
            raise RuntimeError(f"the model {model} cannot be loaded: {error}") from error
        self._query, self._passage = query, passage

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode([self._query + text for text in texts])

    def passages(self, texts: Sequence[str]) -> Vectors:
        return self._encode([self._passage + text for text in texts])

    def _encode(self, texts: list[str]) -> Vectors:
        # Of no texts the model tells no dimensions.
        found = self._model.encode(
            texts or [""], normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return np.asarray(found[: len(texts)], dtype=np.float32)
