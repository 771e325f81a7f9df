"""An attachment's facts as (label, sentence) pairs for a reviewer, the telling ones first.

Facts, not judgments: a scanner's clock, a phone app and a free converter are what honest clerks have. Text of the
document is cleaned before it enters a sentence.
"""

from collections.abc import Iterator
from datetime import datetime

from edrguard.model.document import NOT_OPENED, OUT_OF_TIME, Document, Signature
from edrguard.review.words import clean, count

_FAMILIES = {
    "office": "a word processor",
    "print": "printing to a file",
    "library": "a program that makes documents by itself",
    "scanner": "a scanner",
    "phone": "a telephone's scanning app",
    "court": "a court's system",
    "editor": "a PDF editor",
    "online": "an online converter",
    "image": "a picture editor",
}
_KINDS = {"smime": "The message", "timestamp": "The time stamp"}
_CHAINS = {
    "trusted": "its issuer leads to an anchor that you trust; revocation was not looked up",
    "untrusted": "its issuer leads to none of your trust anchors",
    "self-signed": "the signer issued it to itself, so the name proves nothing",
    "not evaluated": "who stands behind the name was not evaluated",
}
_OCR = {
    "done": "Text in its pictures was recognised",
    "late": "It is a picture of text: not read, recognition took too long",
    "not installed": "It is a picture of text: not read, no text recognition is installed",
    "due": "It is a picture of text: not read",
}
_UNREAD = {
    NOT_OPENED: "Not opened: there are too many attachments, or they take too long to read",
    OUT_OF_TIME: "Not read to its end: it takes too long",
}


def document_words(document: Document) -> list[tuple[str, str]]:
    """What to show beside name, kind and size."""
    return [(label, clean(sentence, 400)) for label, sentence in _pairs(document)]


def _pairs(document: Document) -> Iterator[tuple[str, str]]:
    if document.details.get("error") in _UNREAD:
        yield "reading", _UNREAD[document.details["error"]]
    for signature in document.signatures:
        yield "signature", signature_words(signature)
    if len(document.revisions) > 1:
        changes = sorted({word for revision in document.revisions for word in revision.adds})
        told = f"; that changed: {', '.join(changes)}" if changes else ""
        yield "saved", f"Changed by appending {count(len(document.revisions) - 1, 'time')}{told}"
    if document.family:
        yield "made with", f"Looks like {_FAMILIES.get(document.family, document.family)}"
    if document.modifier and document.modifier != document.author:
        yield "last saved by", document.modifier
    if document.dated:
        yield "dated", f"It says {document.dated:%d %b %Y} where it speaks of its date"
    for when, offset, label in (
        (document.created, document.created_offset, "clock"),
        (document.modified, document.modified_offset, "clock when changed"),
    ):
        if when is not None and offset:
            yield label, f"Written in the zone UTC{_zone(offset)}"
    for words in document.contradictions:
        yield "two stories", words
    for key in (
        "company",
        "template",
        "printed",
        "revision",
        "tracked changes",
        "edited with",
        "camera",
        "place",
        "signs",
    ):
        if key in document.details:
            yield key, document.details[key]
    if document.pages is not None:
        pictures = f", {document.image_pages} of them only a picture" if document.image_pages else ""
        yield "pages", f"{count(document.pages, 'page')}{pictures}"
    yield from _on_the_pages(document)


def _on_the_pages(document: Document) -> Iterator[tuple[str, str]]:
    for words in document.overlays[:10]:
        yield "laid over", words
    if document.ocr in _OCR:
        yield "text", _OCR[document.ocr]
    if document.text_overlap is not None:
        yield "text and picture", f"{document.text_overlap:.0%} of the words in its text are in its pictures too"
    if document.fonts:
        names = ", ".join(f"{f.name} ({f.share:.0%})" if f.share else f.name for f in document.fonts[:6])
        yield "fonts", names
    if document.pictures:
        yield "pictures", f"{count(len(document.pictures), 'picture')}, remembered by their fingerprints"
    for uri in document.links[:10]:
        yield "link", uri
    for text in document.qr[:10]:
        yield "code to scan", text
    if "qr" in document.details:
        yield "code to scan", document.details["qr"]
    if document.embedded:
        yield "files inside", ", ".join(document.embedded[:20])


def signature_words(signature: Signature) -> str:
    """One signature in a sentence or three: what holds, who, and who vouches for it."""
    what = _KINDS.get(signature.kind, "The document")
    who = signature.name or signature.signer or "somebody unnamed"
    email = f" <{signature.email}>" if signature.email else ""
    if signature.state == "broken":
        return f"{what} was changed or the signature is not {who}'s: {signature.reason}"
    if signature.state not in ("valid", "weak"):
        named = f", by {who}{email}" if signature.signer else ""
        return f"{what} has a signature that was not verified{named}: {signature.reason}"
    said = f" on {_time(signature.signed_at)}, as the signer says" if signature.signed_at else ""
    told = (
        f"{what} is as it was signed by {who}{email}{said}; certificate {signature.serial[:20]} of {signature.issuer}: "
    )
    told += _CHAINS.get(signature.chain, signature.chain)
    if signature.state == "weak":
        told += f"; but {signature.reason}"
    if signature.in_time is False:
        told += "; the certificate was not valid then"
    if signature.covers == "revision":
        told += f"; afterwards added: {', '.join(signature.added)}"
    return told


def _time(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC"


def _zone(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"
