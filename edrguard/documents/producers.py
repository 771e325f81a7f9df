"""Which kind of program made a document, by the name that it gives itself.

A hint and no more: the name is a claim, and free phone apps and online converters are what clerks have.

Law: one pass over at most 300 characters a name.
"""

import re
from functools import lru_cache

#: family -> names, the first family that matches counts: a scan that was edited later says the editor's name
FAMILIES: dict[str, str] = {
    "image": r"photoshop|gimp|canva|inkscape|illustrator|pixelmator|affinity|paint\.net|photopea|picsart|figma|krita",
    "online": r"ilovepdf|i\s?love\s?pdf|smallpdf|sejda|pdfescape|pdffiller|pdf24|pdfcandy|dochub|pdf2go|soda ?pdf"
    r"|online2pdf|lumin|xodo|convertapi|cloudconvert",
    "editor": r"foxit (?:phantom|editor|pdf editor)|phantompdf|nitro|pdf-?xchange editor|pdfelement|acrobat pro"
    r"|master pdf|infix|abbyy finereader pdf",
    "phone": r"camscanner|adobe scan|genius scan|tiny ?scanner|notebloc|swiftscan|scanbot|office lens|microsoft lens"
    r"|clear ?scan|turboscan|ios version|iphone|ipados|android",
    "scanner": r"scan(?!bot)|canon|ricoh|xerox|kyocera|konica|minolta|lexmark|sharp mx|toshiba e-?studio|epson|brother"
    r"|hp (?:laser|office|digital|mfp)|paperport|naps2|develop ineo|fujitsu|workcentre|bizhub|taskalfa",
    "court": r"justice|court|tribunal|e-?filing|judici|eproc|pje|esaj|projudi|forumstar|eureka|cm/ecf|tyler|odyssey",
    "print": r"quartz pdfcontext|microsoft:? print to pdf|pdfcreator|cutepdf|dopdf|bullzip|primopdf|ghostscript"
    r"|skia/pdf|chromium|cups|pdf printer|wkhtmltopdf|distiller",
    "office": r"microsoft|word|excel|powerpoint|libreoffice|openoffice|writer|pages|google docs|wps|onlyoffice|pdfmaker"
    r"|textmaker|\btex\b|latex",
    "library": r"itext|openpdf|pdfbox|fop|reportlab|fpdf|tcpdf|dompdf|pypdf|pdf-?lib|pdfkit|qpdf|aspose|jasper|prince"
    r"|pikepdf|mupdf|pdfium|telerik|pdfsharp|iron ?pdf",
}
_FAMILIES = tuple((family, re.compile(pattern)) for family, pattern in FAMILIES.items())


@lru_cache(maxsize=256)
def family(producer: str, creator: str = "") -> str:
    """The family, "" where no name tells; the creator (who wrote it) after the producer (who made the file)."""
    for name in (producer, creator):
        lowered = name[:300].lower()
        if found := next((word for word, pattern in _FAMILIES if pattern.search(lowered)), ""):
            if found in ("print", "library") and name is producer and creator:
                return family(creator) or found
            return found
    return ""
