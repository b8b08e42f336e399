"""Write the font that the project ships: the letters of its texts, cut out of Noto Sans CJK SC.

    python3 tools/subset_font.py /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc

Run it again after a change of src/seqcompare/report/texts/: a test fails when a letter lacks its
glyph. The font given may be a .ttc or .otf of Noto Sans (CJK) SC, which is under the SIL Open Font
License (src/seqcompare/report/fonts/OFL.txt); the licence reserves the name "Source", which is not
used.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

REPORT = Path(__file__).resolve().parents[1] / "src/seqcompare/report"
FONT = REPORT / "fonts/SeqcompareSansSC-Regular.otf"
FAMILY = "Seqcompare Sans SC"
ALWAYS = (
    "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x100)]))
    + "αβγδεημνρστφωΔΣ–—‘’“”…·•×÷±−≤≥≈≠√∞→←↑↓²³¹⁴∂∇"
    + "，。、；：？！（）《》“”「」％"
    + "一二三四五六七八九十百千万个为是不的了在有和与或中上下大小多少前后高低长短快慢更最每各"
    + "模型数据参训练测试验证序列预误差结果运行时间秒分内存速度步复杂线性二次循环注意力记忆梯度"
    + "收敛代价长度比较图表值均方区间置信显著未定成立交叉点斜率理论实际计算量峰值设备年月日第"
)


def open_font(path: Path) -> TTFont:
    """A font file, or the simplified Chinese one of a collection."""
    if path.suffix != ".ttc":
        return TTFont(path)
    for font in TTCollection(path).fonts:
        if font["name"].getDebugName(1) == "Noto Sans CJK SC":
            return font
    raise SystemExit(f"error: {path} holds no Noto Sans CJK SC")


def letters() -> set[str]:
    texts = [file.read_text(encoding="utf-8") for file in (REPORT / "texts").glob("*.yaml")]
    return {letter for letter in "".join([*texts, ALWAYS]) if letter.isprintable()}


def rename(font: TTFont) -> None:
    """So that it is never taken for a whole Noto that the reader has."""
    for record in list(font["name"].names):
        new = {1: FAMILY, 3: FAMILY, 4: FAMILY, 6: FAMILY.replace(" ", "")}.get(record.nameID)
        if new:
            font["name"].setName(
                new, record.nameID, record.platformID, record.platEncID, record.langID
            )
        elif record.nameID not in (0, 2, 5, 13, 14):
            font["name"].names.remove(record)
    if "CFF " in font:
        top = font["CFF "].cff
        top.fontNames = [FAMILY.replace(" ", "")]
        top.topDictIndex[0].FullName = top.topDictIndex[0].FamilyName = FAMILY


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    font = open_font(Path(sys.argv[1]))
    options = subset.Options(
        hinting=False, layout_features=["kern", "palt"], name_IDs=["*"], name_languages=[0x409],
        notdef_outline=True, drop_tables=["BASE", "DSIG", "VORG", "vhea", "vmtx", "GSUB"],
    )  # fmt: skip
    font.recalcTimestamp = False  # the same bytes whenever it is made
    cutter = subset.Subsetter(options)
    wanted = letters()
    cutter.populate(text="".join(sorted(wanted)))
    cutter.subset(font)
    rename(font)
    missing = {letter for letter in wanted if ord(letter) not in font.getBestCmap()}
    FONT.parent.mkdir(exist_ok=True)
    font.save(FONT)
    print(f"{FONT}: {len(wanted) - len(missing)} letters, {FONT.stat().st_size // 1024} KB")
    if missing:
        print(f"without a glyph: {' '.join(sorted(missing))}")


if __name__ == "__main__":
    main()
