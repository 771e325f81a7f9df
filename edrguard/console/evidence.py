"""The bundle and the report of a case, to be taken away."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edrguard.console.access import May
from edrguard.console.parts import Desk, MakeFile
from edrguard.console.visit import Gate, read_form
from edrguard.model.errors import EdrguardError, InputError, MissingInput


class EvidencePages:
    """The handlers: forms, since what they make is on record."""

    def __init__(self, desk: Desk, gate: Gate, clock: Callable[[], datetime], notice: Callable[..., Response]) -> None:
        self._desk, self._gate, self._clock, self._notice = desk, gate, clock, notice
        self._making = asyncio.Semaphore(2)  # each holds a whole message in memory

    def routes(self) -> list[Route]:
        """All of them; they stand before the acts of a case."""
        return [
            Route("/cases/{case_id}/evidence", self.bundle, methods=["POST"]),
            Route("/cases/{case_id}/report", self.report, methods=["POST"]),
        ]

    async def bundle(self, request: Request) -> Response:
        """The evidence bundle."""
        return await self._file(request, self._desk.bundle, "evidence", "zip", "application/zip")

    async def report(self, request: Request) -> Response:
        """The printable report."""
        return await self._file(request, self._desk.report, "report", "pdf", "application/pdf")

    async def _file(self, request: Request, make: MakeFile | None, what: str, ending: str, kind: str) -> Response:
        form = await read_form(request)
        visit = await asyncio.to_thread(self._gate.open, request, May.EXPORT, form)
        case_id = request.path_params["case_id"][:64]
        if make is None or await asyncio.to_thread(self._desk.store.case, case_id) is None:
            raise MissingInput(f"no {what} of case {case_id}")
        try:
            async with self._making:
                made = await asyncio.to_thread(make, case_id, visit.name, self._clock())
        except InputError as error:
            return self._told(case_id, error)
        name = quote(f"edrguard-{case_id}-{what}.{ending}", safe="")
        return Response(made, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})

    def _told(self, case_id: str, error: EdrguardError) -> Response:
        text = f"Nothing was made for case {case_id}: {error}. Tell the operator."
        return self._notice(409, "Not made", text)
