"""The README of a bundle, in plain words."""

from typing import TYPE_CHECKING

from edrguard import __version__
from edrguard.model.codec import rfc3339
from edrguard.review import clean

if TYPE_CHECKING:
    from edrguard.evidence.bundle import Material

TEXT = """\
Evidence of case {case}
{line}

What this is
    Everything that edrguard kept of one message to {node}, and what people did with it. It was put
    together on {at} by {actor}, and signed by that node.

What is inside
    message.eml      {message}
    envelope.json    to whom and from whom it was sent (SMTP envelope)
    connection.json  which computer sent it, when, and whether the line was encrypted (TLS)
    dns.json         every DNS answer that was used, with its time to live in seconds
    facts.json       all that was found out about the message; the two files before are parts of it
    verdict.json     what was made of it: findings, rules, risk
    rules.json       {rules}
    case.json        the case as it stood
    decisions.json   what people did: call-backs, labels, release, refusal, holds
    audit.json       the entries of the audit log about this case, with a proof that they stand in a
                     chain which the node signed, and that none is left out
    node.json        settings that matter for doing all this again
    manifest.json    the size and SHA-256 of every file; manifest.sig is its Ed25519 signature
    public-key.pem   the key that signed

How to verify it, without network or database, on any machine
    pip install edrguard
    edrguard evidence verify THIS-FILE --key node-public-key.pem

    The key in this bundle proves that nothing was changed since it was signed; who signed is
    proven by comparing it with the node's own (`edrguard audit key`). Its fingerprint is
    {key}

What it does not prove
    Who sat at the keyboard. That DNS answers were those of the real servers (unless they say
    `authenticated`). That the node's clock was right. Letters of a case that was open before the
    audit log began (`adopted`) rest on this bundle's signature alone.

Made by edrguard {version}.
"""


def readme(material: "Material", key: str) -> str:
    """The text for one bundle."""
    case = material.view.case.id
    return TEXT.format(
        case=case,
        line="=" * (len("Evidence of case ") + len(case)),
        node=clean(material.node.name, 100),
        at=rfc3339(material.at),
        actor=clean(material.actor, 100),
        message="the message, octet for octet" if material.message is not None else "NOT THERE: it was not kept",
        rules="the rules and weights by which it was judged" if material.rules else "NOT THERE: they were not kept",
        key=key,
        version=__version__,
    )
