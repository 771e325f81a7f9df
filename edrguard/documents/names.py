"""What a file's name gives away: programs, scripts, doubled endings, letters that turn the reading round."""

import re

EXECUTABLE = frozenset(("exe", "scr", "com", "pif", "cpl", "dll", "msi", "msp", "mst", "jar", "app", "dmg", "pkg")) | {
    *("apk", "bin", "run", "gadget", "ocx", "sys", "appx", "msix"),
}
SCRIPT = frozenset(
    ("js", "jse", "vbs", "vbe", "vb", "ws", "wsf", "wsh", "wsc", "ps1", "psm1", "psd1", "bat", "cmd")
) | {
    *("cmd", "hta", "sct", "sh", "py", "pl", "rb", "php", "scpt", "reg", "inf", "chm", "jnlp", "xll"),
}
SHORTCUT = frozenset(
    ("lnk", "url", "website", "desktop", "scf", "library-ms", "search-ms", "searchconnector-ms", "settingcontent-ms")
)
DISK_IMAGE = frozenset(("iso", "img", "vhd", "vhdx", "udf"))
MACRO = frozenset(("docm", "dotm", "xlsm", "xltm", "xlam", "xlsb", "pptm", "potm", "ppsm", "ppam", "sldm"))
_DOCUMENT = frozenset(("pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "txt", "rtf", "jpg", "jpeg", "png")) | {
    *("gif", "tif", "tiff", "odt", "csv", "htm", "html", "zip", "eml"),
}
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad]")

#: ending -> kinds (``sniff``) that it may be; endings that are not here are never held against a file
KINDS = {
    "pdf": {"pdf"},
    "doc": {"doc", "docx", "rtf", "cfb", "encrypted-ooxml", "html", "xml"},
    "docx": {"docx", "encrypted-ooxml"},
    "xls": {"xls", "xlsx", "cfb", "encrypted-ooxml", "text", "html", "xml"},
    "xlsx": {"xlsx", "encrypted-ooxml"},
    "ppt": {"ppt", "pptx", "cfb", "encrypted-ooxml"},
    "pptx": {"pptx", "encrypted-ooxml"},
    "odt": {"odt", "zip"},
    "rtf": {"rtf", "text"},
    "png": {"png", "jpg", "gif", "webp"},
    "jpg": {"jpg", "png", "gif", "webp", "heic"},
    "jpeg": {"jpg", "png", "gif", "webp", "heic"},
    "gif": {"gif", "png", "jpg"},
    "tif": {"tiff"},
    "tiff": {"tiff"},
    "txt": {"text", "eml", "empty", "ics", "vcf", "xml"},
    "csv": {"text", "empty"},
    "eml": {"eml", "text"},
    "msg": {"msg"},
    "ics": {"ics", "text"},
    "p7s": {"p7s", "p7m", "text"},
    "p7m": {"p7m", "p7s", "text"},
    "asc": {"pgp", "text"},
    "pgp": {"pgp", "unknown", "text"},
    "zip": {"zip", "docx", "xlsx", "pptx", "odt", "jar"},
    "rar": {"rar"},
    "7z": {"7z"},
    "gz": {"gz"},
}
#: declared type -> an ending with the same expectations
TYPES = {
    "application/pdf": "pdf",
    "application/msword": "doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/tiff": "tiff",
    "text/csv": "csv",
}


def extension(name: str) -> str:
    """The last ending in lower case, without the dot; blanks and dots at the end are what Windows ignores, too."""
    bare = _INVISIBLE.sub("", _TURNING.sub("", name)).rstrip(" .\t")
    _, dot, ending = bare.rpartition(".")
    return ending.strip().lower() if dot else ""


def name_risks(name: str) -> list[str]:
    """Risks that a file's name shows by itself."""
    risks: list[str] = []
    ending = extension(name)
    if ending in EXECUTABLE:
        risks.append("executable")
    if ending in SCRIPT:
        risks.append("script")
    if ending in SHORTCUT:
        risks.append("shortcut")
    if ending in DISK_IMAGE:
        risks.append("disk-image")
    if ending in MACRO:
        risks.append("macro")
    endings = [e.strip() for e in name.lower().rstrip(" .").split(".")[-3:]]
    if len(endings) > 2 or (len(endings) == 2 and name.startswith(".")):
        before = endings[-2]
        if risks and before in _DOCUMENT:
            risks.append("double-extension")
    if _TURNING.search(name):
        risks.append("bidi-name")
    return risks


def mismatch(filename: str | None, declared: str, kind: str) -> bool:
    """Is the file something else than its name or declared type says?"""
    wanted = KINDS.get(extension(filename)) if filename else None
    if wanted is not None:
        return kind not in wanted
    ending = TYPES.get(declared)
    return ending is not None and kind not in KINDS[ending]
