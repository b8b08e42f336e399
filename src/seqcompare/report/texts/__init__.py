"""Texts: every word that a reader sees, in one catalogue for each language beside this file."""

from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from seqcompare.core.nested import flattened

LANGUAGES = ("en", "zh")
# A subset of Noto Sans SC that has every letter of the catalogues (tools/subset_font.py).
FONT = files("seqcompare.report") / "fonts" / "SeqcompareSansSC-Regular.otf"


class Texts:
    """Sentences by key: `texts("loss.title", seeds=5)`."""

    def __init__(self, language: str, entries: Mapping[str, str]) -> None:
        self.language = language
        self._entries = entries

    def __call__(self, key: str, **values: object) -> str:
        return self._entries[key].format(**values)

    def get(self, key: str, otherwise: str) -> str:
        """The sentence of a key that results may bring along and the catalogue may not know."""
        return self._entries.get(key, otherwise)

    def joined(self, items: Iterable[str], last: str, between: str = "word.comma") -> str:
        """`a`, `a and b`, `a, b and c`. last, between: keys of what stands between two items."""
        *first, end = items
        return self(between).join(first) + self(last) + end if first else end

    def __iter__(self) -> Any:
        return iter(self._entries.items())


def load_texts(language: str) -> Texts:
    """language: `en` or `zh`. Nested keys are joined by dots."""
    content = YAML(typ="safe", pure=True).load(
        (files("seqcompare.report") / "texts" / f"{language}.yaml").read_text(encoding="utf-8")
    )
    return Texts(language, {key: str(text) for key, text in flattened(content).items()})
