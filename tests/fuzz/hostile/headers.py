"""Header fields: many, long, folded, nested, encoded, signed a thousand times."""

from tests.fuzz.hostile.base import fill, mail

SIGNATURE = (
    b"v=1; a=rsa-sha256; c=relaxed/relaxed; d=d%d.example; s=s; t=1; h=from:subject:date:to:from:from;"
    b" bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n"
)


def many(name: bytes, value: bytes):
    """As many fields of a name as fit."""
    return lambda size: mail(extra=fill(name + b": " + value + b"\r\n", size))


def signatures(size: int, length: bytes = b"") -> bytes:
    return mail(
        extra=b"".join(
            b"DKIM-Signature: " + (SIGNATURE % n).replace(b"t=1;", b"t=1;" + length) for n in range(size // 220)
        )
    )


def signatures_with_lengths(size: int) -> bytes:
    extra = b"".join(b"DKIM-Signature: " + (SIGNATURE % n).replace(b"t=1;", b"t=1; l=%d;" % n) for n in range(200))
    return mail(fill(b"a \t b\r\n", size), extra=extra)


def arc_set(n: int) -> bytes:
    """One set that is well formed and false."""
    rest = b"; a=rsa-sha256; d=police.example; s=s1; b=AAAA"
    body = b"; h=from:to; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    return (
        b"ARC-Seal: i=%d; cv=%s" % (n, b"none" if n == 1 else b"pass")
        + rest
        + b"\r\nARC-Message-Signature: i=%d" % n
        + body
        + rest
        + b"\r\nARC-Authentication-Results: i=%d; x.example; spf=pass\r\n" % n
    )


def arc_sets(size: int) -> bytes:
    out = []
    for n in range(1, size // 600):
        rest = b"; a=rsa-sha256; d=d%d.example; s=s; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA" % n
        out.append(
            b"ARC-Seal: i=%d; cv=none" % n + rest.replace(b"bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; ", b"")
        )
        out.append(b"ARC-Message-Signature: i=%d; h=from:to" % n + rest)
        out.append(b"ARC-Authentication-Results: i=%d; x.example; spf=pass" % n)
    return mail(extra=b"\r\n".join(out) + b"\r\n")


def long_field(name: bytes, unit: bytes, before: bytes = b"", after: bytes = b""):
    """One field of the whole size, folded now and then."""
    return lambda size: mail(extra=name + b": " + before + fill(unit, size) + after + b"\r\n")


def fields_of_64k(name: bytes, unit: bytes, before: bytes = b"", after: bytes = b""):
    """Several fields, each as long as is still interpreted."""
    return lambda size: mail(extra=fill(name + b": " + before + fill(unit, 65000) + after + b"\r\n", size))


def field(name: str, unit: bytes, before: bytes = b"", after: bytes = b""):
    """One of the usual fields, at the length that is still interpreted or at the message's."""
    return lambda size: mail(**{name: before + fill(unit, size) + after})


def capped(name: str, unit: bytes, before: bytes = b"", after: bytes = b""):
    return lambda size: mail(fill(b"x\r\n", size - 65000), **{name: before + fill(unit, min(size, 65000)) + after})


BUILDERS = {
    "signatures": signatures,
    "signatures-with-lengths": signatures_with_lengths,
    "arc-sets": arc_sets,
    "many-odd-fields": many(b"X-A", b"1"),
    "many-empty-names": many(b"", b""),
    "many-received": many(
        b"Received",
        b"from a.example (b.example [192.0.2.1]) by c.example with ESMTP id x; Tue, 24 Nov 2026 10:00:00 +0000",
    ),
    "many-from": many(b"From", b"a@b.example"),
    "many-to": many(b"To", b"a@b.example, c@d.example"),
    "many-subjects": many(b"Subject", b"=?utf-8?q?a?="),
    "many-content-types": many(b"Content-Type", b"multipart/mixed; boundary=a"),
    "many-results": many(b"Authentication-Results", b"x.example; spf=pass; dkim=fail"),
    "many-references": many(b"References", b"<a@b.example> <c@d.example>"),
    "lines-without-colons": lambda size: mail(extra=fill(b"no field\r\n", size)),
    "names-with-blanks": lambda size: mail(extra=fill(b"From : a@b.example\r\n", size)),
    "names-with-octets": lambda size: mail(extra=fill(b"Fr\xc3\xb6m: a@b.example\r\n", size)),
    "folds-of-blanks": long_field(b"X-A", b"\r\n  "),
    "folds": long_field(b"X-A", b"\r\n a"),
    "long-name": lambda size: mail(extra=fill(b"a", size) + b": b\r\n"),
    "long-line": long_field(b"X-A", b"a"),
    "from-commas": capped("From", b","),
    "from-comments": capped("From", b"(", after=b"a@b.example"),
    "from-comment-pairs": capped("From", b"()", after=b"a@b.example"),
    "from-nested-comments": lambda size: mail(
        fill(b"x\r\n", size - 65000), From=b"(" * min(size // 2, 32000) + b")" * min(size // 2, 32000) + b" a@b.example"
    ),
    "from-quotes": capped("From", b'"'),
    "from-escapes": capped("From", b'\\"', before=b'"'),
    "from-ats": capped("From", b"a@"),
    "from-dots": capped("From", b"a.", after=b"@b.example"),
    "from-angles": capped("From", b"<"),
    "from-angle-addresses": capped("From", b"<a@b.example>"),
    "from-groups": capped("From", b"g:a@b.example;"),
    "from-routes": capped("From", b"@a.example,", before=b"<", after=b":a@b.example>"),
    "from-words": capped("From", b"=?utf-8?q?=3Ca=40b.example=3E?= ", after=b"<a@b.example>"),
    "from-word-starts": capped("From", b"=?utf-8?q?"),
    "from-idn": capped("From", "a@b\u00fc.example, ".encode()),
    "from-long-idn": capped("From", "\u00fc.".encode(), before=b"a@"),
    "from-combining": capped("From", "a\u0301\u0327".encode(), after=b" <a@b.example>"),
    "from-bidi": capped("From", "\u202e\u2066\u2069".encode(), after=b" <a@b.example>"),
    "from-literals": capped("From", b"a@[IPv6:::1],"),
    "from-brackets": capped("From", b"a@["),
    "to-addresses": capped("To", b"Doe <a@b.example>, "),
    "to-names": capped("To", b'"Doe, J." <a@b.example>, '),
    "to-plain": capped("To", b"a@b.c,"),
    "reply-to-addresses": capped("Reply_To", b"a@b.example, "),
    "reply-to-faults": capped("Reply_To", b"a@b.example c@d.example, "),
    "to-fields-of-64k": fields_of_64k(b"To", b"a@b.example, "),
    "subject-words": capped("Subject", b"=?utf-8?b?YWFh?= "),
    "subject-short-words": capped("Subject", b"=?a?q?=3d?="),
    "subject-charsets": lambda size: mail(
        b"x", Subject=b" ".join(b"=?c%d?q?a?=" % n for n in range(min(size, 65000) // 14))
    ),
    "subject-marks": capped("Subject", b"=?"),
    "subject-questions": capped("Subject", b"?", before=b"=?utf-8?q?"),
    "subject-lone-quotes": capped("Subject", b"=?utf-8?q?a b?="),
    "subject-utf-7": capped("Subject", b"=?utf-7?q?+AAAA-?="),
    "subject-brackets": capped("Subject", b"["),
    "subject-re": capped("Subject", b"Re: "),
    "references": capped("References", b"<a@b.example> "),
    "references-angles": capped("References", b"<"),
    "date-comments": capped("Date", b"(", before=b"Tue, 24 Nov 2026 10:00:00 +0000 "),
    "date-digits": capped("Date", b"1"),
    "date-blanks": capped("Date", b" ", before=b"Tue,", after=b"24 Nov 2026"),
    "message-id": capped("Message_ID", b"<a@"),
    "results-quotes": fields_of_64k(b"Authentication-Results", b'"'),
    "results-many": fields_of_64k(b"Authentication-Results", b"; spf=pass smtp.mailfrom=a", before=b"x.example"),
    "results-props": fields_of_64k(b"Authentication-Results", b" a.b=c", before=b"x.example; spf=pass"),
    "results-comments": fields_of_64k(b"Authentication-Results", b"(", before=b"x.example"),
    "results-blanks": fields_of_64k(b"Authentication-Results", b" ", before=b"x.example", after=b"x"),
    "results-words": fields_of_64k(b"Authentication-Results", b"=?utf-8?q?a?="),
    "received-comments": fields_of_64k(b"Received", b"(a ", before=b"from x.example "),
    "received-brackets": fields_of_64k(b"Received", b"[1.2.3.4", before=b"from x.example ("),
    "received-keywords": fields_of_64k(b"Received", b"from by with id for via ; "),
    "signature-tags": fields_of_64k(b"DKIM-Signature", b"a=b; "),
    "signature-names": fields_of_64k(
        b"DKIM-Signature", b":from", before=b"v=1; a=rsa-sha256; d=a.example; s=s; bh=A; b=A; h=a"
    ),
    "signature-blanks": fields_of_64k(b"DKIM-Signature", b" ", before=b"v=1; b=", after=b"x"),
    "signature-h-16k": lambda size: mail(
        extra=fill((SIGNATURE % 1).replace(b"h=from", b"h=from" + b":x" * 7900).join((b"DKIM-Signature: ", b"")), size)
    ),
    "content-type-params": capped("Content_Type", b"; a=b", before=b"text/plain"),
    "content-type-pieces": lambda size: mail(
        Content_Type=b"text/plain" + b"".join(b"; name*%d*=%%41" % n for n in range(min(size, 65000) // 14))
    ),
    "content-type-quotes": capped("Content_Type", b'"', before=b"text/plain; name="),
    "content-type-blanks": capped("Content_Type", b" ", before=b"text/plain; name", after=b"x"),
    "content-type-comments": capped("Content_Type", b"(", before=b"text/plain; name=x "),
    "content-type-percent": capped("Content_Type", b"%41", before=b"text/plain; name*=utf-8''"),
    "content-type-name-words": capped("Content_Type", b"=?utf-8?q?a?=", before=b"text/plain; name="),
    "list-id": capped("List_Id", b"<"),
    "user-agent": capped("User_Agent", b"Mozilla/5.0 (X11; "),
}
