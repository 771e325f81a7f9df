"""Domain names as text and as labels (RFC 1035 2.3.4, RFC 2181 11).

A name that cannot be put on the wire (an empty label, a label above 63 octets,
more than 255 octets) cannot exist either. Law: such a name is never asked; it is
answered NXDOMAIN, which gives SPF the *none* that RFC 7208 4.3 wants for a
malformed domain and every other user of DNS the absence that is the truth.
"""


def canonical(name: str) -> str:
    """The name as it is known in caches and answers: lower case, without the final dot."""
    name = name.lower()
    return name[:-1] if name.endswith(".") else name


def wire_labels(name: str) -> tuple[bytes, ...] | None:
    """The labels of a canonical name without the root; ``None`` where DNS cannot carry it."""
    if name == "":
        return ()
    try:
        labels = tuple(label.encode("utf-8", "surrogateescape") for label in name.split("."))
    except UnicodeEncodeError:
        return None
    total = 1
    for label in labels:
        if not 0 < len(label) < 64:
            return None
        total += len(label) + 1
    return labels if total <= 255 else None


def askable(name: str) -> bool:
    """Can this name be put into a question at all?"""
    return wire_labels(name) is not None


def text_labels(labels: tuple[bytes, ...]) -> tuple[str, ...]:
    """Labels from the wire as lower-case text, the inverse of ``wire_labels``; the root label is dropped."""
    return tuple(label.decode("utf-8", "surrogateescape").lower() for label in labels if label)
