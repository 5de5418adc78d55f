"""Prints how far Claude 2's public ranks, times the factor that is best for them, are from the API's
counts for Claude Haiku 4.5: what context::claude_counter is to be compared with.

HAIGA_TEST_DATA: as for text_tables.py, and claude_haiku_4_5_counts.json (of bpe-lite)."""
import json
import statistics
import unicodedata

import regex
from text_tables import DATA, ranks, tokens

PIECES = regex.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")


def main():
    merges = ranks()
    samples = json.loads((DATA / "claude_haiku_4_5_counts.json").read_text())["samples"]
    wanted = [sample["expected"] for sample in samples]
    counts = [sum(tokens(piece, merges) for piece in
                  PIECES.findall(unicodedata.normalize("NFC", sample["text"]))) for sample in samples]

    def errors(factor):
        return [abs(factor * count / want - 1) for count, want in zip(counts, wanted)]

    factor = min((k / 100 for k in range(90, 130)), key=lambda k: statistics.median(errors(k)))
    print(f"Claude 2 times {factor}: median {statistics.median(errors(factor)):.1%}, mean "
          f"{statistics.mean(errors(factor)):.1%}, total {factor * sum(counts) / sum(wanted) - 1:+.1%}")


main()
