"""PDFs: loops, bombs, and everything that is repeated a hundred thousand times."""

import zlib

from tests.fuzz.hostile.base import file, fill

KIND = b"application/pdf"


def document(objects: dict[int, bytes], trailer: bytes = b"") -> bytes:
    out = bytearray(b"%PDF-1.5\n")
    places = {}
    for number in sorted(objects):
        places[number] = len(out)
        out += b"%d 0 obj\n" % number + objects[number] + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n" + b"".join(b"%d 1\n%010d 00000 n \n" % item for item in places.items())
    return bytes(out + b"trailer<</Size 99999/Root 1 0 R" + trailer + b">>\nstartxref\n%d\n%%%%EOF\n" % start)


def stream(data: bytes, extra: bytes = b"", flate: bool = True) -> bytes:
    body = zlib.compress(data, 9) if flate else data
    head = b"<</Length %d" % len(body) + (b"/Filter/FlateDecode" if flate else b"") + extra
    return head + b">>stream\n" + body + b"\nendstream"


def base(contents: bytes, resources: bytes = b"", page: bytes = b"", catalog: bytes = b"") -> dict[int, bytes]:
    return {
        1: b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>"
        + resources
        + b">>"
        + page
        + b">>",
        4: contents,
        5: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    }


def pdf(build):
    return file(build, b"a.pdf", KIND)


def content(unit: bytes, before: bytes = b"", after: bytes = b"", most: int = 1_000_000, pages: int = 1):
    """Pages whose content stream is inflated to a MiB each."""

    def build(size: int) -> bytes:
        objects = base(stream(before + fill(unit, most) + after))
        objects[2] = b"<</Type/Pages/Kids[" + b"3 0 R " * pages + b"]/Count %d>>" % pages
        return document(objects)

    return build


def plain(unit: bytes, before: bytes = b"BT /F1 10 Tf ", after: bytes = b" ET"):
    return lambda size: document(base(stream(before + fill(unit, size) + after, flate=False)))


def kids_loop(size: int) -> bytes:
    objects = base(stream(b""))
    objects[2] = b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9>>"
    return document(objects)


def many_pages(size: int) -> bytes:
    objects = base(stream(b"BT /F1 9 Tf (a) Tj ET"))
    count = size // 70
    objects[2] = (
        b"<</Type/Pages/Kids[" + b" ".join(b"%d 0 R" % (n + 10) for n in range(count)) + b"]/Count %d>>" % count
    )
    for n in range(count):
        objects[n + 10] = b"<</Type/Page/Parent 2 0 R/Contents 4 0 R>>"
    return document(objects)


def many_objects(size: int) -> bytes:
    objects = base(stream(b"x"))
    objects |= dict.fromkeys(range(10, 10 + size // 50), b"1")
    return document(objects)


def object_streams(size: int) -> bytes:
    """Object streams that inflate to megabytes each."""
    objects = base(stream(b"x"))
    inner = b"1 0 " * 50_000 + b"<<>>" * 400_000
    packed = stream(inner, b"/Type/ObjStm/N 50000/First 200000")
    for n in range(10, 10 + max(1, size // len(packed))):
        objects[n] = packed
    return document(objects)


def forms(size: int) -> bytes:
    """Forms that draw forms that draw forms, ten times each."""
    objects = base(stream(b"/X0 Do " * 10), b"/XObject<</X0 10 0 R>>")
    for n in range(20):
        resources = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X0 %d 0 R>>>>" % (n + 11)
        objects[n + 10] = stream(b"/X0 Do " * 10, resources)
    objects[30] = stream(b"BT (a) Tj ET", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]")
    return document(objects)


def images(side: int, count: int):
    """Pages that draw many images that inflate far."""

    def build(size: int) -> bytes:
        names = b"".join(b"/I%d %d 0 R" % (n, n + 10) for n in range(count))
        objects = base(
            stream(b"".join(b"q 595 0 0 842 0 0 cm /I%d Do Q " % n for n in range(count))),
            b"/XObject<<" + names + b">>",
        )
        pixels = zlib.compress(b"\0" * (side * side), 9)
        head = b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8" % (
            side,
            side,
        )
        for n in range(count):
            objects[n + 10] = head + b"/Filter/FlateDecode/Length %d>>stream\n" % len(pixels) + pixels + b"\nendstream"
        return document(objects)

    return build


def filters(size: int) -> bytes:
    """A stream compressed four times over."""
    data = b"\0" * (60 << 20)
    for _ in range(3):
        data = zlib.compress(data, 9)
    body = b"<</Length %d/Filter[/FlateDecode/FlateDecode/FlateDecode]>>stream\n" % len(data) + data + b"\nendstream"
    return document(base(body))


def bomb(size: int) -> bytes:
    return document(base(stream(b"(a) Tj " * (8 << 20))))


def ascii_filters(size: int) -> bytes:
    body = b"<</Length %d/Filter/ASCII85Decode>>stream\n" % size + fill(b"z", size) + b"\nendstream"
    return document(base(body))


def run_lengths(size: int) -> bytes:
    body = b"<</Length %d/Filter/RunLengthDecode>>stream\n" % size + fill(b"\x81a", size) + b"\nendstream"
    return document(base(body))


def lzw(size: int) -> bytes:
    body = b"<</Length %d/Filter/LZWDecode>>stream\n" % size + fill(b"\x80\x0b\x60\x50\x22\x0c", size) + b"\nendstream"
    return document(base(body))


def hexadecimal(size: int) -> bytes:
    body = b"<</Length %d/Filter/ASCIIHexDecode>>stream\n" % size + fill(b"4 1 ", size) + b"\nendstream"
    return document(base(body))


def predictor(size: int) -> bytes:
    """PNG rows of one octet each."""
    return document(base(stream(b"\2a" * (1 << 20), b"/DecodeParms<</Predictor 15/Columns 1>>")))


def xref_stream(size: int) -> bytes:
    data = zlib.compress(b"\1\0\0\0\0" * 400_000, 9)
    body = b"<</Type/XRef/Size 400000/W[1 3 1]/Root 1 0 R/Filter/FlateDecode/Length %d>>stream\n" % len(data)
    out = b"%PDF-1.5\n1 0 obj\n<</Type/Catalog>>\nendobj\n"
    return out + b"9 0 obj\n" + body + data + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF" % len(out)


def xref_loop(size: int) -> bytes:
    start = 9
    out = b"%PDF-1.5\nxref\n0 1\n0000000000 65535 f \ntrailer<</Size 1/Root 1 0 R/Prev 9>>\n"
    return out + fill(b"startxref\n%d\n%%%%EOF\n" % start, size)


def revisions(size: int) -> bytes:
    """As many incremental updates as fit."""
    first = document(base(stream(b"x")))
    return first + b"".join(
        b"4 0 obj\n<</Length 1>>stream\n%d\nendstream\nendobj\nxref\n4 1\n0000000000 00000 n \n"
        b"trailer<</Size 9/Root 1 0 R/Prev 9>>\nstartxref\n9\n%%%%EOF\n" % (n % 10)
        for n in range(size // 130)
    )


def nested_arrays(size: int) -> bytes:
    return document({**base(stream(b"x")), 10: fill(b"[", size)})


def nested_dictionaries(size: int) -> bytes:
    return document({**base(stream(b"x"), catalog=b"/Names" + fill(b"<</A", size)), 10: b"1"})


def outline(size: int) -> bytes:
    names = b"/Names<</EmbeddedFiles<</Kids[10 0 R]>>>>"
    objects = base(stream(b"x"), catalog=names)
    objects[10] = b"<</Kids[10 0 R 10 0 R 10 0 R]>>"
    return document(objects)


def embedded(size: int) -> bytes:
    names = b" ".join(b"(a%d) <</F(a%d)>>" % (n, n) for n in range(size // 30))
    return document(base(stream(b"x"), catalog=b"/Names<</EmbeddedFiles<</Names[" + names + b"]>>>>"))


def annotations(size: int) -> bytes:
    one = b"<</Subtype/Link/Rect[0 0 9 9]/A<</URI(http://a.example)>>>> "
    return document(base(stream(b"x"), page=b"/Annots[" + fill(one, size) + b"]"))


def signatures(size: int) -> bytes:
    objects = base(stream(b"x"))
    for n in range(size // 110):
        objects[n + 10] = b"<</Type/Sig/Filter/Adobe.PPKLite/ByteRange[0 9 20 %d]/Contents<3080>>>" % (n + 1)
    return document(objects)


def fonts(size: int) -> bytes:
    """A font whose map to Unicode never ends."""
    objects = base(stream(b"BT /F1 9 Tf " + b"<0001> Tj " * 50_000 + b"ET"))
    cmap = (
        b"begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange "
        + b"1 beginbfrange <0000> <FFFF> <0000> endbfrange " * 300
    )
    objects[5] = b"<</Type/Font/Subtype/Type0/BaseFont/A/Encoding/Identity-H/ToUnicode 6 0 R>>"
    objects[6] = stream(cmap)
    return document(objects)


def differences(size: int) -> bytes:
    objects = base(stream(b"BT /F1 9 Tf (a) Tj ET"))
    objects[5] = b"<</Type/Font/Subtype/Type1/BaseFont/A/Encoding<</Differences[0 " + fill(b"/a ", size) + b"]>>>>"
    return document(objects)


def xmp(size: int) -> bytes:
    objects = base(stream(b"x"), catalog=b"/Metadata 6 0 R")
    objects[6] = stream(b"<x:xmpmeta>" + b"<dc:creator><rdf:Seq><rdf:li>" * 40_000 + b"</x:xmpmeta>")
    return document(objects)


def repeated(unit: bytes):
    """A file that begins like a PDF and goes on like nothing."""
    return lambda size: b"%PDF-1.5\n" + fill(unit, size)


BUILDERS = {
    f"pdf-{name}": pdf(build)
    for name, build in {
        "text": content(b"(a) Tj ", b"BT /F1 9 Tf ", b" ET"),
        "text-10-pages": content(b"(a) Tj ", b"BT /F1 9 Tf ", b" ET", pages=10),
        "text-moves": content(b"1 0 Td (a) Tj ", b"BT /F1 9 Tf ", b" ET"),
        "text-arrays": content(b"[(a) -9 (b)] TJ ", b"BT /F1 9 Tf ", b" ET"),
        "saves": content(b"q "),
        "numbers": content(b"1 "),
        "strings": content(b"(a)"),
        "open-strings": content(b"("),
        "paths": content(b"0 0 m 9 9 l S "),
        "rectangles": content(b"1 1 1 rg 0 0 595 842 re f "),
        "inline-images": content(b"BI /W 1 /H 1 ID x EI "),
        "inline-image": content(b"x", b"BI /W 1 /H 1 ID "),
        "operators": content(b"zz "),
        "states": content(b"3 Tr 1 0 0 1 0 0 cm "),
        "marked": content(b"/A BMC EMC "),
        "fonts-set": content(b"/F1 9 Tf ", b"BT ", b" ET"),
        "plain-shows": plain(b"(a) Tj "),
        "plain-arrays": plain(b"[(a)] TJ "),
        "plain-open-arrays": plain(b"["),
        "plain-open-strings": plain(b"("),
        "plain-escapes": plain(b"\\"),
        "plain-nested-strings": plain(b"(a"),
        "plain-hex": plain(b"<41> Tj "),
        "plain-open-hex": plain(b"<41 "),
        "plain-moves": plain(b"T* "),
        "kids-loop": kids_loop,
        "pages": many_pages,
        "objects": many_objects,
        "object-streams": object_streams,
        "forms": forms,
        "images-40": images(2500, 40),
        "images-large": images(9000, 5),
        "filters": filters,
        "bomb": bomb,
        "ascii85": ascii_filters,
        "run-length": run_lengths,
        "lzw": lzw,
        "hex": hexadecimal,
        "predictor": predictor,
        "xref-stream": xref_stream,
        "xref-loop": xref_loop,
        "revisions": revisions,
        "nested-arrays": nested_arrays,
        "nested-dictionaries": nested_dictionaries,
        "names-loop": outline,
        "embedded": embedded,
        "annotations": annotations,
        "signatures": signatures,
        "cmap": fonts,
        "differences": differences,
        "xmp": xmp,
        "obj": repeated(b"1 0 obj\n"),
        "obj-digits": repeated(b"1 "),
        "streams": repeated(b"stream\n"),
        "obj-streams": repeated(b"1 0 obj\nstream\n"),
        "endobj": repeated(b"endobj\n"),
        "info": repeated(b"/Producer("),
        "info-hex": repeated(b"/Producer<41 "),
        "info-many": repeated(b"/Producer(a)"),
        "escaped-names": repeated(b"/A#41"),
        "xref": repeated(b"xref\n"),
        "startxref": repeated(b"startxref\n9\n%%EOF\n"),
        "byte-range": repeated(b"/ByteRange[0 1 2 3]"),
        "byte-range-open": repeated(b"/ByteRange[0 1 "),
        "trailers": repeated(b"trailer<</Root 1 0 R>>\n"),
        "dictionaries": repeated(b"<<"),
        "comments": repeated(b"%"),
        "xmpmeta": repeated(b"<x:xmpmeta></x:xmpmeta>"),
    }.items()
}
