"""Electronic signatures of attachments and of the message itself (PAdES, CAdES, S/MIME).

That a signature is mathematically valid says only that its octets were not changed: anybody can make one in any name.
Who stands behind it is known where the chain ends at an anchor that the operator configured.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.model.document import Document, Signature
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need

DOCUMENT_SIGNED = Symbol("DOCUMENT_SIGNED")
DOCUMENT_SIGNER_TRUSTED = Symbol("DOCUMENT_SIGNER_TRUSTED")
DOCUMENT_SIGNATURE_BROKEN = Symbol("DOCUMENT_SIGNATURE_BROKEN")
DOCUMENT_AFTER_SIGNATURE = Symbol("DOCUMENT_AFTER_SIGNATURE")

#: What changes the reading of a signed page; a second signature, a time stamp or validation data do not.
CHANGES = frozenset({"pages", "page content", "annotations", "other objects", "form values"})
GOOD = frozenset({"valid", "weak"})


@check(
    needs={Need.DOCUMENTS},
    emits={DOCUMENT_SIGNED, DOCUMENT_SIGNER_TRUSTED, DOCUMENT_SIGNATURE_BROKEN, DOCUMENT_AFTER_SIGNATURE},
)
def document_signatures(facts: Facts) -> Iterator[Finding]:
    """Every signature that could be verified, or should have been."""
    for document in facts.documents:
        for signature in document.signatures:
            where = f"part:{document.part}"
            if signature.state == "broken":
                yield DOCUMENT_SIGNATURE_BROKEN(Evidence(where, f"{_name(document)}: {signature.reason}"))
            elif signature.state in GOOD and signature.kind != "timestamp":
                yield from _good(facts, document, signature, where)


def _good(facts: Facts, document: Document, signature: Signature, where: str) -> Iterator[Finding]:
    changes = sorted(CHANGES & set(signature.added))
    if changes:
        # Somebody who signs the whole again answers for what was added in between.
        last = document.signatures[-1]
        again = last is not signature and last.state in GOOD and last.covers == "whole" and last.kind != "timestamp"
        told = f"{_name(document)}: {', '.join(changes)} after it was signed"
        yield DOCUMENT_AFTER_SIGNATURE(Evidence(where, told), strength=0.3 if again else 1.0)
        return
    who = Evidence(where, f"{signature.name or signature.signer}, by {signature.issuer}")
    if signature.state == "weak":
        return
    if signature.chain == "trusted" and signature.in_time and _is_theirs(facts, signature):
        yield DOCUMENT_SIGNER_TRUSTED(who)
    else:
        yield DOCUMENT_SIGNED(who)


def _is_theirs(facts: Facts, signature: Signature) -> bool:
    """Is the certificate's address, where it has one, of the author's organisation?"""
    if not signature.email or facts.author is None:
        return facts.author is not None
    domain = signature.email.rpartition("@")[2]
    return facts.org(domain) == facts.org(facts.author.domain) or domain == facts.author.domain


def _name(document: Document) -> str:
    return document.filename or document.declared
