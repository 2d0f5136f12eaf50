"""The usual application: routes over app/db.py."""
import asyncio
import json
import logging
from datetime import datetime, timezone
from pathlib import Path
from typing import List, Optional, Union

from fastapi import FastAPI, Query, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel, Field

from . import db
from .db import get_connection
from .sse import EventSourceResponse
from .tasks import maintenance_loop

logging.basicConfig(level=logging.WARNING)
logger = logging.getLogger("uvicorn.error")
logger.setLevel(logging.WARNING)

app = FastAPI(docs_url=None, redoc_url=None)
templates = Jinja2Templates(directory=str(Path(__file__).parent / "templates"))
background = set()


@app.on_event("startup")
async def on_startup() -> None:
    conn = get_connection()
    conn.execute("PRAGMA journal_mode=WAL;")
    conn.execute("PRAGMA synchronous=NORMAL;")
    conn.execute("PRAGMA auto_vacuum=INCREMENTAL;")
    conn.commit()
    db.init_schema()
    background.add(asyncio.create_task(maintenance_loop()))


class Measurement(BaseModel):
    sensor: str = Field(min_length=1, max_length=64)
    metric: str = Field(min_length=1, max_length=64)
    value: float
    created_at: Optional[datetime] = None


def to_text(t: Optional[datetime]) -> Optional[str]:
    """UTC, in the one form that compares with datetime('now', ...)."""
    if t is None:
        return None
    if t.tzinfo is not None:
        t = t.astimezone(timezone.utc)
    return t.strftime("%Y-%m-%d %H:%M:%S")


@app.post("/api/measurements", status_code=201)
async def add(body: Union[Measurement, List[Measurement]]):
    items = body if isinstance(body, list) else [body]
    stored = db.insert_many(
        [(m.sensor, m.metric, m.value, to_text(m.created_at)) for m in items])
    return {"stored": stored}


@app.get("/api/measurements")
async def read(sensor: Optional[str] = None,
               since: Optional[datetime] = Query(None, alias="from"),
               until: Optional[datetime] = Query(None, alias="to"),
               limit: int = Query(100, ge=1, le=10000)):
    return db.select(sensor, to_text(since), to_text(until), limit)


@app.get("/api/query")
async def query(sensor: str):
    points = db.day_series(sensor)
    return {"bucket": [b for b, _ in points], "mean": [v for _, v in points]}


def chart(points, width: int = 720, height: int = 160) -> dict:
    """Scales the day's buckets to an SVG polyline."""
    if not points:
        return {"points": "", "low": 0.0, "high": 0.0, "width": width, "height": height}
    low = min(v for _, v in points)
    high = max(v for _, v in points)
    span = (high - low) or 1.0
    xy = ["%.1f,%.1f" % (b * width / 288, height - (v - low) * height / span)
          for b, v in points]
    return {"points": " ".join(xy), "low": low, "high": high,
            "width": width, "height": height}


@app.get("/", response_class=HTMLResponse)
async def dashboard(request: Request, sensor: Optional[str] = None):
    rows = db.latest()
    shown = sensor or (rows[0]["sensor"] if rows else "")
    return templates.TemplateResponse("index.html", {
        "request": request, "rows": rows, "sensor": shown,
        "chart": chart(db.day_series(shown))})


async def get_payload() -> str:
    return json.dumps(db.latest())


@app.get("/events")
async def events(request: Request) -> EventSourceResponse:
    async def event_generator():
        while True:
            if await request.is_disconnected():
                break
            payload = await get_payload()
            yield {"event": "update", "data": payload}
            await asyncio.sleep(10)
    return EventSourceResponse(event_generator())
