"""EventSourceResponse: FastAPI 0.92 has none and Debian 12 has no sse-starlette,
so this does the part of it that the guides use."""
import os
from typing import AsyncIterator, Dict

from starlette.responses import StreamingResponse


class EventSourceResponse(StreamingResponse):
    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[Dict[str, str]]) -> None:
        headers = {"Cache-Control": "no-cache"}
        if os.environ.get("USUAL_SSE_NOBUFFER", "1") == "1":
            headers["X-Accel-Buffering"] = "no"  # or nginx holds the events back
        super().__init__(self._encode(events), headers=headers)

    @staticmethod
    async def _encode(events: AsyncIterator[Dict[str, str]]) -> AsyncIterator[str]:
        async for e in events:
            yield "event: %s\ndata: %s\n\n" % (e["event"], e["data"])
