"""Words of a text for searching. PostgreSQL's parser makes one token of a Chinese sentence, so tokens are made here.

Stored are all pairs of neighbouring Chinese characters and the last character of each run, plus Latin words and
numbers. A question is cut into words by jieba; each word is found wherever it stands, however the stored text would
have been cut: jieba makes 路/灯不亮 of 路灯不亮, and storing its words alone would lose 路灯. No positions and no
weights are stored: answers come newest first, and the vectors stay a third of the size.
"""

from __future__ import annotations

import re
import unicodedata

import rjieba

_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_RUN = re.compile(f"[{_HAN}]+|[^\\W_]+")
_IS_HAN = re.compile(f"[{_HAN}]")
_LONGEST = 40
_MOST_TERMS = 24


def _runs(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text).lower()
    spread = re.sub(f"([{_HAN}]+)", r" \1 ", plain)
    return _RUN.findall(spread)


def tokens(*texts: str) -> set[str]:
    """What is stored for these texts."""
    found: set[str] = set()
    for text in texts:
        for run in _runs(text):
            if _IS_HAN.match(run):
                found.update(run[i : i + 2] for i in range(len(run)))  # the last one is a single character
            else:
                found.add(run[:_LONGEST])
    return found


def vector(*texts: str) -> str:
    """The tokens as a tsvector literal."""
    return " ".join(sorted(tokens(*texts)))


def query(text: str) -> str | None:
    """A tsquery literal that demands every word of ``text``; None when there is no word in it."""
    terms: list[str] = []
    for run in _runs(text):
        terms += _han_terms(run) if _IS_HAN.match(run) else [f"{run[:_LONGEST]}:*"]
    unique = list(dict.fromkeys(terms))[:_MOST_TERMS]
    return " & ".join(unique) or None


def _han_terms(run: str) -> list[str]:
    terms: list[str] = []
    for word in rjieba.cut(run):
        if len(word) == 1:
            terms.append(f"{word}:*")  # begins a pair, or ends a run
        else:
            terms += [word[i : i + 2] for i in range(len(word) - 1)]
    return terms
