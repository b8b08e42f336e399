"""Every word that a reader sees, in one catalogue for each language beside this file."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

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

    def __iter__(self) -> Any:
        return iter(self._entries.items())


def load_texts(language: str) -> Texts:
    """language: `en` or `zh`. Nested keys are joined by dots."""
    content = YAML(typ="safe", pure=True).load(
        (files("seqcompare.report") / "texts" / f"{language}.yaml").read_text(encoding="utf-8")
    )
    return Texts(language, dict(_flat(content)))


def _flat(content: Mapping[str, Any], parent: str = "") -> list[tuple[str, str]]:
    entries: list[tuple[str, str]] = []
    for key, value in content.items():
        if isinstance(value, Mapping):
            entries += _flat(value, f"{parent}{key}.")
        else:
            entries.append((f"{parent}{key}", str(value)))
    return entries
