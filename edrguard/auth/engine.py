"""dkimpy's verifier, fed by us (RFC 6376 3.7, 6.1.3; RFC 8617 5.1.1).

dkimpy computes the hash over the header fields and compares the signature; what it
is given and what it must not do by itself is decided here:

- the fields are split and chosen by us, in the order of h=, so that it neither parses
  a message nor searches a header block (its own parser refuses whole messages for one
  odd line, and its search is fields times names);
- b= is emptied before it looks, white space in a signature is bounded, so that its
  patterns have nothing to go back over;
- the body's hash is compared by us (``canon``), since it would copy the body for each
  signature; no ``bh`` reaches it;
- the key answers for itself: dkimpy asks keys that are not RSA in its own sense for
  ``verify(digest, signature)``, and ours verify with ``cryptography``;
- times never reach it, since its clock is the wall's.

Law: nothing of this module asks DNS.
"""

from collections.abc import Sequence

from edrguard.auth.header import RawField
from edrguard.auth.keys import Key
from edrguard.auth.loading import without_resolver

with without_resolver():
    import dkim
    from dkim.crypto import HASH_ALGORITHMS

#: What we stand on inside dkimpy; its version is pinned, and this says so at import if the pin is lifted.
if not (callable(getattr(dkim.DKIM, "verify_sig_process", None)) and b"rsa-sha256" in HASH_ALGORITHMS):
    raise ImportError("this dkimpy is not the one that edrguard.auth.engine knows")


class _Judge:
    """Stands where dkimpy expects a key object."""

    __slots__ = ("key", "valid")

    def __init__(self, key: Key) -> None:
        self.key = key
        self.valid = False

    def verify(self, digest: bytes, signature: bytes) -> None:
        self.valid = self.key.valid(digest, signature)


class Engine(dkim.DKIM):
    """One header signature check."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.ktag = b"ed25519"  # the branch of dkimpy that lets the key verify

    def check(
        self,
        key: Key,
        algorithm: str,
        canon: str,
        fields: Sequence[RawField],
        field: RawField,
        signature: str,
    ) -> bool:
        """Does ``signature`` (base64) sign ``fields`` in this order, and then ``field``, whose b= is already empty?

        ``canon`` is simple or relaxed. Raises nothing for any octets in the fields.
        """
        # dkimpy looks for each name from the bottom upwards: with the fields upside down it finds each at once.
        self.headers = [(one.octets, one.value) for one in reversed(fields)]
        # It looks among canonical fields, so the names must be as that form has them.
        names = [one.name if canon == "relaxed" else one.octets.lower() for one in fields]
        judge = _Judge(key)
        self.pk = judge
        tags = {b"a": algorithm.encode("ascii"), b"c": canon.encode("ascii"), b"b": signature.encode("ascii")}
        self.verify_sig_process(tags, names, (field.octets, field.value), None)  # type: ignore[no-untyped-call]
        return judge.valid
