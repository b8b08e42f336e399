"""Languages of page and figures: English stands in the code, texts/zh.yaml translates it."""

import re
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path

from seqcompare.core.yaml import load_yaml

LANGUAGES = ("en", "zh")
_HERE = Path(str(files("seqcompare.report")))
HAN_APART = re.compile(r"(?<=[一-鿿]) (?=[一-鿿])")  # spaces that only names in Latin letters need
FONT = _HERE / "fonts" / "SeqcompareSansSC-Regular.otf"  # Noto Sans SC, the letters used alone


class Language:
    """A translator: `tr("{trials} trials", trials=10)`.

    The English text, with its {braces}, is the key of its translation. A test compares the literal
    texts in the code with the catalogue, so that none is missing there.
    """

    def __init__(self, code: str, catalogue: Mapping[str, str] | None = None) -> None:
        self.code = code
        self._catalogue = catalogue or {}

    def __call__(self, text: str, **values: object) -> str:
        said = self._catalogue.get(text, text).format(**values)
        return HAN_APART.sub("", said) if self.code == "zh" else said

    def joined(self, parts: Iterable[str], last: str = "and") -> str:
        """`a`, `a and b`, `a, b and c`. last: and, or."""
        *first, end = parts
        word = self(" or ") if last == "or" else self(" and ")
        return self(", ").join(first) + word + end if first else end

    def clauses(self, parts: Iterable[str]) -> str:
        """The same of parts of a sentence, which Chinese joins otherwise than names."""
        return "，".join(parts) if self.code == "zh" else self.joined(parts)

    def sentences(self, parts: Iterable[str]) -> str:
        """Sentences behind one another; those that are empty are left out."""
        return ("" if self.code == "zh" else " ").join(filter(None, parts))


def load_language(code: str) -> Language:
    """code: en or zh."""
    return Language(code, {} if code == "en" else load_yaml(_HERE / "texts" / f"{code}.yaml"))
