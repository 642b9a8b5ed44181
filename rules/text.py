"""Text as people type it, folded for comparison one character for one character, so that a place found in the fold is the same place in the original.

NFKC alone knows neither the dashes nor the quotation marks that people type; both are classes of our own here.
"""

import unicodedata
from functools import lru_cache

DASHES = "—⸺⸻─━–―ー‐‑‒−﹘﹣－_~〜～＿ㄧㅡˉ丨丶"
QUOTES = {
    "“": "”",
    '"': '"',
    "‘": "’",
    "'": "'",
    "「": "」",
    "『": "』",
    "《": "》",
    "〈": "〉",
    "【": "】",
    "〔": "〕",
    "[": "]",
    "<": ">",
    "(": ")",
}  # as folded
MOST = 1000  # characters of a subject or a name that are looked at
# Traditional characters that names of units, subjects and the prescribed words are made of, each with the simplified one at the same place below.
_TRADITIONAL = (
    "專權產業評價擔單認報書術創資訊電網設備國際會協學聯機構儀車聲鐵鋼鋁銅礦農藥醫療環節營運進衛質標準檢測試驗實證無線雲傳華東廣蘇遼寧貴陽龍馬門問題壓氣熱風輪飛動員團"
    "體組織紡絲綢紙輕製稱請關於諮詢廠屬務總區縣鎮開發轉頻顯視數據處軟導儲鹽漁糧種獸齊齡濟寶萬億興號達遠鄉圖師範灣滬漢鄭錦銀錫鎢鈦鋰歐亞聖長艦結綠級統維編繪經纖絡約純"
    "細終個與為這們過還後裡見貿費贊贏選遞郵釀鍵鋒錄鍊鏈鐘鑄鑽閩閥陝陸隊離難靜響預領顧額養館駐驅騰髮魯鮮鳳鷹麗齒"
)
_SIMPLE = (
    "专权产业评价担单认报书术创资讯电网设备国际会协学联机构仪车声铁钢铝铜矿农药医疗环节营运进卫质标准检测试验实证无线云传华东广苏辽宁贵阳龙马门问题压气热风轮飞动员团"
    "体组织纺丝绸纸轻制称请关于咨询厂属务总区县镇开发转频显视数据处软导储盐渔粮种兽齐龄济宝万亿兴号达远乡图师范湾沪汉郑锦银锡钨钛锂欧亚圣长舰结绿级统维编绘经纤络约纯"
    "细终个与为这们过还后里见贸费赞赢选递邮酿键锋录炼链钟铸钻闽阀陕陆队离难静响预领顾额养馆驻驱腾发鲁鲜凤鹰丽齿"
)
_SIMPLIFIED = str.maketrans(_TRADITIONAL, _SIMPLE)


def clean(text: str) -> str:
    """The text on one line, without what cannot be seen (zero-width, direction marks, variation selectors); at most MOST characters."""
    kept = (_visible(char) for char in unicodedata.normalize("NFC", text[:MOST]))
    return " ".join("".join(kept).split())


def simplified(text: str) -> str:
    """The same number of characters, the traditional ones that names and the prescribed words are made of as simplified ones."""
    return text.translate(_SIMPLIFIED)


def fold(text: str) -> str:
    """The same number of characters: half-width, lower case, simplified, every dash a hyphen."""
    return "".join(_fold_one(char) for char in text)


def unquote(text: str) -> str:
    """Without quotation marks or brackets around the whole, and without a quotation mark that lost its partner."""
    while True:
        text = text.strip()
        folded = fold(text)
        if _wrapped(folded):
            text = text[1:-1]
        elif folded[:1] in QUOTES and folded[:1] != "(" and QUOTES[folded[0]] not in folded[1:]:
            text = text[1:]
        elif folded[-1:] in _CLOSERS and folded[-1:] != ")" and _CLOSERS[folded[-1]] not in folded[:-1]:
            text = text[:-1]
        else:
            return text


def brief(text: str, most: int = 60) -> str:
    """The text on one line, cut where it is long, for quoting in a letter."""
    line = clean(text)
    return line if len(line) <= most else f"{line[: most - 1]}…"


_CLOSERS = {closer: opener for opener, closer in QUOTES.items()}


def _wrapped(folded: str) -> bool:
    """Whether the first mark opens and the last one closes it: true for (a), not for (a)b(c)."""
    if not folded[1:] or QUOTES.get(folded[0]) != folded[-1]:
        return False
    opener, closer = folded[0], folded[-1]
    if opener == closer:
        return opener not in folded[1:-1]
    depth = 0
    for place, char in enumerate(folded):
        depth += (char == opener) - (char == closer)
        if depth == 0:
            return place == len(folded) - 1
    return False


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cc" or char.isspace():
        return " "
    return "" if category in {"Cf", "Cs", "Cn"} or "\ufe00" <= char <= "\ufe0f" else char


@lru_cache(maxsize=4096)
def _fold_one(char: str) -> str:
    if char in DASHES:
        return "-"
    wide = unicodedata.normalize("NFKC", char)
    folded = wide.lower() if len(wide) == 1 else char
    return "-" if folded in DASHES else simplified(folded if len(folded) == 1 else char)
