"""The text of PDFs whose streams are compressed, with pypdf, under bounds.

pypdf is imported at the first such file: most messages never pay for it. Its own ceilings on inflated streams (75 MB)
are lowered, because a page of a legal request has no such stream and a bomb has.

Law: any failure is words, never an exception.
"""

import io
import logging
from functools import lru_cache
from types import ModuleType

MAX_DATA = 10 << 20
_MAX_PAGES = 20
_MAX_STREAM = 4 << 20
_MAX_CONTENT = 1 << 20
_BOUNDS: dict[str, int | None] = {
    "maximum_declared_stream_length": MAX_DATA,
    "array_based_stream_maximum_output_length": _MAX_STREAM,
    "zlib_maximum_output_length": _MAX_STREAM,
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


def read_pdf(data: bytes, limit: int) -> tuple[str, dict[str, str], str]:
    """(text, document information, what went wrong in words or "")."""
    if len(data) > MAX_DATA:
        return "", {}, f"unreadable: {len(data)} octets"
    out: list[str] = []
    info: dict[str, str] = {}
    size = skipped = 0
    pypdf = _library()
    try:
        with pypdf.apply_configuration(**_BOUNDS):
            reader = pypdf.PdfReader(
                io.BytesIO(data), root_object_recovery_limit=1000, xref_stream_maximum_entries=100_000
            )
            if reader.is_encrypted:
                return "", {}, "unreadable: encrypted"
            for key, value in (reader.metadata or {}).items():
                info[str(key).lstrip("/")] = str(value)[:300]
            for number in range(min(len(reader.pages), _MAX_PAGES)):
                page = reader.pages[number]
                contents = page.get_contents()
                if contents is None:
                    continue
                if len(contents.get_data()) > _MAX_CONTENT:
                    skipped += 1
                    continue
                text = page.extract_text() or ""
                out.append(text)
                size += len(text)
                if size > limit:
                    break
    except Exception as error:  # pypdf raises whatever it trips over; the file is a stranger's
        return "\n".join(out)[:limit], info, f"unreadable: {type(error).__name__}"
    return "\n".join(out).strip()[:limit], info, f"{skipped} pages too large" if skipped else ""
