"""A signed HTTP POST of JSON, for pages and for whoever follows cases; ``pagers`` says what a receiver checks."""

import hashlib
import hmac
import http.client
import ssl
from datetime import datetime
from urllib.parse import urlsplit

TOLERANCE = 300.0  #: seconds that a receiver's clock may differ


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The value of X-EDRGuard-Signature."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"v1={digest.hexdigest()}"


def verify_signature(
    secret: str, timestamp: str, signed: str, body: bytes, now: datetime, tolerance: float = TOLERANCE
) -> bool:
    """What a receiver does with the two header fields before it believes ``body``."""
    if not timestamp.isascii() or not timestamp.isdigit() or abs(now.timestamp() - int(timestamp[:20])) > tolerance:
        return False
    return hmac.compare_digest(signature(secret, timestamp, body).encode(), signed.encode())


def post(url: str, secret: str, body: bytes, timeout: float, now: datetime) -> int:
    """POST signed JSON; the status. Redirects are not followed."""
    where, timestamp = urlsplit(url), str(int(now.timestamp()))
    host = where.hostname or ""
    wire: http.client.HTTPConnection
    if where.scheme == "https":
        context = ssl.create_default_context()
        wire = http.client.HTTPSConnection(host, where.port, timeout=timeout, context=context)
    else:
        wire = http.client.HTTPConnection(host, where.port, timeout=timeout)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "edrguard",
        "X-EDRGuard-Timestamp": timestamp,
        "X-EDRGuard-Signature": signature(secret, timestamp, body),
    }
    try:
        wire.request("POST", (where.path or "/") + (f"?{where.query}" if where.query else ""), body, headers)
        return wire.getresponse().status
    finally:
        wire.close()
