"""Example questions and translations → the static model that ships, by sentence-transformers.

`hms train` writes it anew; seeded, so that the same data gives the same model.
Needs the extra `models`.
"""

import random
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, chain
from pathlib import Path

from retrieval.embedding import MODEL
from retrieval.entry import Entry
from retrieval.words import normalise

SEED = 20200214
DIMENSIONS = 128
VOCABULARY = 6000
EPOCHS = 12
# Texts of a target meet others of it this many times an epoch.
PARTNERS = 2


def train(entries: Iterable[Entry], folder: Path = MODEL) -> None:
    """Train on pairs of texts that speak for the same target, and save the model folder."""
    import torch
    from datasets import Dataset
    from sentence_transformers import (
        SentenceTransformer,
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
        losses,
    )
    from sentence_transformers.sentence_transformer.data_collator import SentenceTransformerDataCollator
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from sentence_transformers.training_args import BatchSamplers
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

    random.seed(SEED)
    torch.manual_seed(SEED)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)  # sums in another order would give another model
    by_target: dict[str, list[str]] = {}
    for entry in entries:
        by_target.setdefault(entry.target, []).append(normalise(entry.text))
    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(), pre_tokenizers.Punctuation(), pre_tokenizers.Digits(individual_digits=True)]
    )
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=["[PAD]", "[UNK]"], show_progress=False)
    tokenizer.train_from_iterator([text for texts in by_target.values() for text in texts], trainer)
    model = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=DIMENSIONS)], device="cpu")
    pairs = list(_pairs(by_target))
    said = list({text for pair in pairs for text in pair})
    encoded = tokenizer.encode_batch(said, add_special_tokens=False)
    ids = {text: found.ids for text, found in zip(said, encoded, strict=True)}

    def tokenised(texts: Sequence[str], **_: object) -> dict[str, torch.Tensor]:
        """What the model makes of texts, which it would take apart anew in each epoch."""
        found = [ids[text] for text in texts]
        ends = list(accumulate(map(len, found)))
        return {"input_ids": torch.tensor([*chain.from_iterable(found)]), "offsets": torch.tensor([0, *ends[:-1]])}

    with tempfile.TemporaryDirectory() as scratch:
        SentenceTransformerTrainer(
            model=model,
            args=SentenceTransformerTrainingArguments(
                output_dir=scratch,
                num_train_epochs=EPOCHS,
                per_device_train_batch_size=256,
                learning_rate=0.05,
                warmup_ratio=0.1,
                # No two pairs of a batch share a text, or they would count as each other's opposite.
                batch_sampler=BatchSamplers.NO_DUPLICATES_HASHED,
                seed=SEED,
                data_seed=SEED,
                save_strategy="no",
                report_to=[],
                logging_steps=50,
                use_cpu=True,
            ),
            train_dataset=Dataset.from_dict({"anchor": [a for a, _ in pairs], "positive": [b for _, b in pairs]}),
            data_collator=SentenceTransformerDataCollator(tokenised),
            loss=losses.MultipleNegativesRankingLoss(model, scale=20),
        ).train()
    model.save(str(folder), create_model_card=False)


def _pairs(by_target: Mapping[str, Sequence[str]]) -> Iterable[tuple[str, str]]:
    for texts in by_target.values():
        for text in texts:
            others = [other for other in texts if other != text]
            for partner in random.sample(others, min(PARTNERS, len(others))):
                yield text, partner
