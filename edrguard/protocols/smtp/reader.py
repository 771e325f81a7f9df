"""Reading the wire: command lines and pieces of content out of one stream, in order.

Laws: what was read too early stays here for whoever reads next (RFC 2920); a line costs bounded memory however long
it is; nothing that came before TLS is left after it (RFC 3207 4.2).
"""

import asyncio

CHUNK = 256 * 1024
FLOOD = 64 * 1024  #: a command line above this is no line any more


class EndOfStreamError(ConnectionError):
    """The peer closed or lost the connection."""


class LineTooLongError(Exception):
    """A line above the limit; it was read to its end and thrown away."""


class FloodError(Exception):
    """A line that does not end."""


class WireReader:
    """A buffer with a place in it over a StreamReader."""

    def __init__(self, stream: asyncio.StreamReader) -> None:
        self._stream = stream
        self._data = b""
        self._at = 0

    @property
    def has_line(self) -> bool:
        """Can ``line`` return without waiting?"""
        return self._data.find(b"\n", self._at) >= 0

    @property
    def empty(self) -> bool:
        """Was everything that was read also used?"""
        return self._at >= len(self._data)

    async def line(self, limit: int) -> bytes:
        """The next line with its newline. Raises LineTooLongError, FloodError, EndOfStreamError."""
        dropped = 0
        searched = self._at
        while True:
            end = self._data.find(b"\n", searched) + 1
            if end:
                line = self._data[self._at : end]
                self._at = end
                if dropped or len(line) > limit:
                    raise LineTooLongError
                return line
            waiting = len(self._data) - self._at
            if waiting > limit:
                dropped += waiting
                if dropped > FLOOD:
                    raise FloodError
                self.clear()
            more = await self._read()
            self._data = self._data[self._at :] + more if not self.empty else more
            searched = len(self._data) - len(more)
            self._at = 0

    async def chunk(self) -> bytes:
        """Whatever comes next. Raises EndOfStreamError."""
        if self.empty:
            return await self._read()
        data = self._data[self._at :] if self._at else self._data
        self.clear()
        return data

    def take(self) -> bytes:
        """What was read and not used, without waiting."""
        data = self._data[self._at :]
        self.clear()
        return data

    def unread(self, data: bytes) -> None:
        """Give back what the last ``chunk`` read too much."""
        self._data = data
        self._at = 0

    def clear(self) -> None:
        """Forget everything that was read and not used."""
        self._data = b""
        self._at = 0

    async def _read(self) -> bytes:
        data = await self._stream.read(CHUNK)
        if not data:
            raise EndOfStreamError
        return data
