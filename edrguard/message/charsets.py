"""Octets to text by the charset that a message names.

Only charsets in the table are looked up: the interpreter's codec registry would import modules, keep every unknown
name for ever, and knows "codecs" that are no charsets at all (RFC 2978 names are matched without case, "-" and "_").
"""

from functools import lru_cache

_TABLE = {
    "utf-8": "utf8 unicode11utf8 unicode20utf8 xunicode20utf8 cp65001",
    "ascii": "usascii ascii ansix341968 iso646us us cp367 7bit",
    "cp1252": "iso88591 latin1 l1 windows1252 cp1252 iso885911 ansi 8bit default xuserdefined",
    "iso8859-2": "iso88592 latin2 l2",
    "iso8859-3": "iso88593 latin3",
    "iso8859-4": "iso88594 latin4",
    "iso8859-5": "iso88595 cyrillic",
    "iso8859-6": "iso88596 arabic iso88596i iso88596e",
    "iso8859-7": "iso88597 greek",
    "iso8859-8": "iso88598 hebrew iso88598i iso88598e",
    "cp1254": "iso88599 latin5 windows1254 cp1254",
    "iso8859-10": "iso885910 latin6",
    "iso8859-13": "iso885913 latin7",
    "iso8859-14": "iso885914 latin8",
    "iso8859-15": "iso885915 latin9 latin0",
    "iso8859-16": "iso885916 latin10",
    "cp1250": "windows1250 cp1250 xcp1250",
    "cp1251": "windows1251 cp1251 xcp1251",
    "cp1253": "windows1253 cp1253",
    "cp1255": "windows1255 cp1255",
    "cp1256": "windows1256 cp1256",
    "cp1257": "windows1257 cp1257",
    "cp1258": "windows1258 cp1258",
    "cp874": "windows874 cp874 tis620 iso885911th",
    "cp437": "cp437 ibm437",
    "cp850": "cp850 ibm850",
    "cp852": "cp852 ibm852",
    "cp866": "cp866 ibm866",
    "koi8-r": "koi8r koi8",
    "koi8-u": "koi8u koi8ru",
    "mac-roman": "macintosh macroman xmacroman",
    "gb18030": "gb18030 gb2312 gbk cp936 windows936 ms936 csgb2312 xgbk euccn",
    "hz": "hzgb2312 hz",
    "big5hkscs": "big5 big5hkscs cp950 csbig5 xxbig5 big5eten",
    "cp949": "euckr ksc56011987 ksc5601 cp949 windows949 uhc ks_c_5601",
    "iso2022_kr": "iso2022kr",
    "cp932": "shiftjis sjis mskanji csshiftjis cp932 windows31j xsjis",
    "euc_jis_2004": "eucjp xeucjp",
    "iso2022_jp_2": "iso2022jp csiso2022jp iso2022jp1 iso2022jp2 iso2022jpms",
    "utf-16": "utf16 unicode ucs2 iso10646ucs2",
    "utf-16-le": "utf16le",
    "utf-16-be": "utf16be",
    "utf-32": "utf32",
    "utf-7": "utf7 unicode11utf7 xutf7",
}
_CODEC = {alias: codec for codec, aliases in _TABLE.items() for alias in aliases.split()}
_SQUEEZE = str.maketrans("", "", "-_ \t.:()'\"")


@lru_cache(maxsize=512)
def codec_for(charset: str) -> str | None:
    """The codec for a charset's name, ``None`` if it is not one that mail is written in."""
    return _CODEC.get(charset[:64].lower().translate(_SQUEEZE))


def decode(data: bytes, charset: str | None) -> tuple[str, bool]:
    """``data`` as text, and whether ``charset`` is known; never raises, and never gives lone surrogates.

    No charset or US-ASCII: UTF-8 where it is that, else Windows-1252, as readers guess.
    """
    codec = codec_for(charset) if charset else "ascii"
    known = codec is not None
    if codec in (None, "ascii", "utf-8"):
        try:
            return data.decode("utf-8"), known
        except UnicodeDecodeError:
            if codec == "utf-8":
                return data.decode("utf-8", "replace"), known
            codec = "cp1252"
    if codec == "cp1252":
        try:
            return data.decode("cp1252"), known
        except UnicodeDecodeError:
            return data.decode("latin-1"), known
    text = data.decode(codec or "utf-8", "replace")
    if codec == "utf-7":  # the only codec here that can let half a surrogate pair through
        text = text.encode("utf-8", "replace").decode("utf-8")
    return text, known
