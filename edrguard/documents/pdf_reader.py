"""PDFs whose streams are compressed, or that have more than text, with pypdf, under bounds.

pypdf is imported at the first such file: most messages never pay for it. Its own ceilings on inflated streams (75 MB)
are lowered, because a page of a legal request has no such stream and a bomb has.

Law: any failure is words, never an exception.
"""

import io
import logging
from functools import lru_cache
from types import ModuleType
from typing import Any

from edrguard.documents.budget import OutOfTime
from edrguard.documents.pdf_pages import PAGES, Pages, embedded_names, look_at_page

MAX_DATA = 10 << 20
_MAX_STREAM = 4 << 20
_MAX_SAMPLES = 10 << 20  #: a page scanned in grey at 300 dots an inch has 9 million samples
_MAX_CONTENT = 1 << 20
_BOUNDS: dict[str, int | None] = {
    "maximum_declared_stream_length": MAX_DATA,
    "array_based_stream_maximum_output_length": _MAX_STREAM,
    "zlib_maximum_output_length": _MAX_SAMPLES,
    "brotli_maximum_output_length": _MAX_STREAM,
    "lzw_maximum_output_length": _MAX_CONTENT,
    "run_length_maximum_output_length": _MAX_CONTENT,
    "jbig2_maximum_output_length": _MAX_CONTENT,
    "image_maximum_buffer_size": _MAX_STREAM,
    "zlib_maximum_recovery_input_length": 100_000,
    "array_maximum_element_count": 50_000,
    "dictionary_maximum_element_count": 20_000,
    "stream_filters_maximum_length": 4,
    "stream_decoding_work_maximum_length": 16 << 20,
    "stream_parsing_work_maximum_count": 100_000,
    "page_tree_maximum_entries": 5_000,
    "page_tree_maximum_depth": 30,
    "page_tree_maximum_page_entries": 20_000,
    "xform_maximum_invocations_per_extraction": 100,
    "jbig2dec_binary": None,  # no other program is run for a stranger's file
}


@lru_cache(maxsize=1)
def _library() -> ModuleType:
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it logs names and text of the file
    return pypdf


def read_pdf(data: bytes, limit: int) -> Pages:
    """What the pages say and show; ``words`` tells what went wrong, "" for nothing."""
    pages = Pages()
    if len(data) > MAX_DATA:
        pages.words = f"unreadable: {len(data)} octets"
        return pages
    skipped = size = 0
    pypdf = _library()
    try:
        with pypdf.apply_configuration(**_BOUNDS):
            reader = pypdf.PdfReader(
                io.BytesIO(data), root_object_recovery_limit=1000, xref_stream_maximum_entries=100_000
            )
            if reader.is_encrypted:
                pages.words = "unreadable: encrypted"
                return pages
            metadata = reader.metadata or {}
            for key in metadata:
                value = metadata[key]  # what it points at
                if isinstance(value, str):  # of all else, its words would name an address in memory
                    pages.info[str(key).lstrip("/")] = value[:300]
            pages.count = len(reader.pages)
            for number in range(min(pages.count, PAGES)):
                page = reader.pages[number]
                contents = page.get_contents()
                content = b"" if contents is None else contents.get_data()
                if len(content) > _MAX_CONTENT:
                    skipped += 1
                    continue
                text = (page.extract_text() or "") if content and size <= limit else ""
                pages.text.append(text)
                size += len(text)
                _look(pages, page, number + 1, content, text)
            _catalog(pages, reader)
    except (Exception, OutOfTime) as error:  # pypdf raises whatever it trips over; the file is a stranger's
        pages.words = f"unreadable: {type(error).__name__}"
    if skipped and not pages.words:
        pages.words = f"{skipped} pages too large"
    return pages


def _look(pages: Pages, page: Any, number: int, content: bytes, text: str) -> None:
    """What a page shows beside its text; a fault there must not cost the text of the next page."""
    try:
        look_at_page(pages, page, number, content, text)
    except Exception as error:
        pages.overlays.append(f"page {number} could not be looked at ({type(error).__name__})")


def _catalog(pages: Pages, reader: Any) -> None:
    try:
        root = reader.root_object
        pages.embedded = embedded_names(root)
        metadata = root.get("/Metadata")
        if metadata is not None:
            pages.xmp = metadata.get_object().get_data()[:_MAX_CONTENT]
    except Exception:  # both are extras
        return
