"""How well passages are found for questions that the policy leaves open, and what is quoted for others.

`python tests/measure_quoted.py FOLDER` of an organisation into which the Working Environment Act has been imported as
`aml` and the Internal Control Regulation as `ikf`.
"""

import sys
import tomllib
from pathlib import Path

from bot.bootstrap import open_quoted
from bot.settings import Settings
from corpus.citation import Citation
from corpus.language import LANGUAGES
from corpus.library import read_library
from retrieval.quotation import BAR, MOST

QUESTIONS = Path(__file__).parent / "quoted" / "questions.toml"
BARS = (0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8)


def section(citation: Citation) -> str:
    return f"{citation.document.id}:{citation.passage.section.id}"


def main(folder: Path) -> None:
    settings = Settings(_env_file=None, organisation=folder)
    library = read_library(folder)
    passages = open_quoted(settings, library)
    assert passages is not None
    rows = tomllib.loads(QUESTIONS.read_text(encoding="utf-8"))
    for language in LANGUAGES:
        asked = [(row[language], row["section"]) for row in rows["asked"]]
        found = [passages.ranked(text, language, 0.0) for text, _ in asked]
        other = [passages.ranked(text, language, 0.0) for text in rows["elsewhere"][language]]
        for bar in BARS:
            shown = [[section(c) for c, share in ranked if share >= bar][:MOST] for ranked in found]
            first = sum(bool(s) and s[0] in right for s, (_, right) in zip(shown, asked, strict=True))
            three = sum(any(x in right for x in s) for s, (_, right) in zip(shown, asked, strict=True))
            wrong = sum(any(share >= bar for _, share in ranked) for ranked in other)
            print(
                f"{language} bar {bar}: right section first {first}, among three {three}, quoted at all "
                f"{sum(map(bool, shown))} of {len(asked)}; quoted for {wrong} of {len(other)} others"
            )
        if "-v" in sys.argv:
            for (text, right), ranked in zip(asked, found, strict=True):
                print(f"  {text} {right}: {[(section(c), round(share, 2)) for c, share in ranked[:4]]}")
            for text, ranked in zip(rows["elsewhere"][language], other, strict=True):
                print(f"  - {text}: {[(section(c), round(share, 2)) for c, share in ranked[:2] if share >= BAR]}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
