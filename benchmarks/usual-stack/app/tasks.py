"""The usual maintenance loop, with the deletion of what is older than 90 days."""
import asyncio
import logging

from .db import delete_old, vacuum_incremental

logger = logging.getLogger(__name__)


async def maintenance_loop() -> None:
    while True:
        await asyncio.sleep(3600)
        try:
            delete_old()
            vacuum_incremental()
        except Exception as exc:  # noqa: BLE001
            logger.warning("Incremental vacuum failed: %s", exc)
