"""Languages: every text in the code has its translation, and every letter its glyph."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from fontTools.ttLib import TTFont

from seqcompare.core.yaml import load_yaml
from seqcompare.report import language
from seqcompare.report.language import FONT, load_language

REPORT = Path(language.__file__).parent
ZH = load_yaml(REPORT / "texts/zh.yaml")


def texts() -> Iterator[tuple[str, str]]:
    """Where a text is translated, and the text: of tr("…") in code and templates."""
    for file in sorted(REPORT.rglob("*.py")):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Name)
                and call.func.id == ("self" if file.name == "language.py" else "tr")
            ):
                text = call.args[0]
                assert isinstance(text, ast.Constant), f"{file}:{call.lineno}: no literal text"
                yield f"{file.name}:{call.lineno}", str(text.value)
    for file in sorted(REPORT.glob("templates/*.j2")):
        for double, single in re.findall(r"\btr\((?:\"([^\"]*)\"|'([^']*)')", file.read_text()):
            yield file.name, double or single


def braces(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_the_chinese_catalogue_has_every_text_and_no_other() -> None:
    used = {text: where for where, text in texts()}
    assert {text: where for text, where in used.items() if text not in ZH} == {}
    assert set(ZH) - set(used) == set()


def test_a_translation_names_what_the_text_names() -> None:
    assert [text for text, zh in ZH.items() if not braces(zh) <= braces(text)] == []


def test_the_shipped_font_has_every_letter_of_the_catalogue() -> None:
    known = TTFont(FONT).getBestCmap()
    assert {letter for text in ZH.values() for letter in text if ord(letter) not in known} == set()


def test_parts_are_joined_as_the_language_does() -> None:
    en, zh = load_language("en"), load_language("zh")
    assert (en.joined("a"), en.joined("ab", "or"), en.joined("abc")) == (
        "a",
        "a or b",
        "a, b and c",
    )
    assert zh.joined("abc") == "a、b 和 c"
