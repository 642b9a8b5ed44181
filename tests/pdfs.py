"""PDF files as bytes: pages with tables and Chinese text, and files that are broken or made to run away."""

import zlib
from collections.abc import Sequence

SIZE, LEADING = 12, 15  # points
FONT = b"<</F1 4 0 R>>"
_FONT_OBJECTS = (
    b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[5 0 R]>>",
    b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/DW 1000/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>/FontDescriptor 6 0 R>>",
    b"<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/Ascent 880/Descent -120/CapHeight 700/ItalicAngle 0/StemV 80/FontBBox[0 -120 1000 880]>>",
)


def objects(*bodies: bytes, trailer: bytes = b"") -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalogue."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, trailer, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1) + table + end


def stream(data: bytes, more: bytes = b"") -> bytes:
    packed = zlib.compress(data, 9)
    return b"<</Filter/FlateDecode/Length %d%s>>stream\n%s\nendstream" % (len(packed), more, packed)


def pdf(*pages: bytes, trailer: bytes = b"") -> bytes:
    """A PDF whose pages have these contents."""
    kids = b" ".join(b"%d 0 R" % (7 + 2 * number) for number in range(len(pages)))
    bodies = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, len(pages)), b"null", *_FONT_OBJECTS]
    for number, content in enumerate(pages):
        bodies += [b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font%s>>/Contents %d 0 R>>" % (FONT, 8 + 2 * number), stream(content)]
    return objects(*bodies, trailer=trailer)


def text(words: str, x: float, y: float) -> bytes:
    """Words on a page, every character as wide as it is high."""
    return b"BT /F1 %d Tf %.1f %.1f Td <%s> Tj ET\n" % (SIZE, x, y, words.encode("utf-16-be").hex().encode())


def printed(*rows: Sequence[str], widths: Sequence[int] = (100, 400), title: str = "", top: float = 780) -> bytes:
    """The content of a page: a title, and a table with lines around its cells; a row of fewer cells ends in a merged one. A newline begins a line."""
    content, y = (text(title, 50, top) if title else b""), top - 20
    for cells in rows:
        height = LEADING * max(cell.count("\n") + 1 for cell in cells) + 6
        x = 50.0
        for number, cell in enumerate(cells):
            width = widths[number] if number < len(cells) - 1 else sum(widths[number:])
            content += b"%.1f %.1f %.1f %.1f re S\n" % (x, y - height, width, height)
            for place, line in enumerate(cell.split("\n")):
                content += text(line, x + 5, y - (place + 1) * LEADING) if line else b""
            x += width
        y -= height
    return content


# Files that would keep a parser busy, or fill the memory.


def many_operators() -> bytes:
    return pdf(b"0 0 m 10 10 l S\n" * 2_000_000)


def much_space() -> bytes:
    """A megabyte that is a gigabyte."""
    packed = zlib.compressobj(9)
    data = b"".join(packed.compress(bytes(1 << 20)) for _ in range(1000)) + packed.flush()
    return pdf(b"").replace(stream(b""), b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(data), data))


def forms_within_forms() -> bytes:
    """Twenty drawings, each of which draws the next ten times."""
    drawings = [stream(b"/A Do " * 10, b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</A %d 0 R>>>>" % (number + 6)) for number in range(20)]
    head = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</XObject<</A 5 0 R>>>>>>"
    return objects(*head, page, stream(b"/A Do"), *drawings, stream(b"0 0 m"))


def many_pages() -> bytes:
    return pdf(*[b"0 0 m"] * 20_000)


def a_fine_grid() -> bytes:
    return pdf(text("格", 100, 100) + b"".join(b"%d 0 m %d 800 l S 0 %d m 600 %d l S\n" % (i, i, i, i) for i in range(0, 600, 5)))


def a_loop_of_tables() -> bytes:
    data = pdf(text("环", 100, 100))
    return data.replace(b"/Root 1 0 R", b"/Root 1 0 R/Prev %d" % data.index(b"xref\n"))


RUNAWAYS = (many_operators, much_space, forms_within_forms, many_pages, a_fine_grid)
