"""SQLite access: the guides' connection and pragmas, with only the path made configurable, and the table and queries
that they leave to the reader."""
import os
import sqlite3
from pathlib import Path
from typing import Dict, Iterable, List, Optional, Tuple

DB_PATH = Path(os.environ.get("USUAL_DB", "/data/app.db"))
WITH_INDEX = os.environ.get("USUAL_INDEX", "1") == "1"

_CONNECTION = None


def get_connection() -> sqlite3.Connection:
    global _CONNECTION
    if _CONNECTION is None:
        _CONNECTION = sqlite3.connect(DB_PATH, check_same_thread=False)
        _CONNECTION.row_factory = sqlite3.Row
        _CONNECTION.execute("PRAGMA journal_mode=WAL;")
        _CONNECTION.execute("PRAGMA synchronous=NORMAL;")
        _CONNECTION.execute("PRAGMA temp_store=MEMORY;")
        _CONNECTION.execute("PRAGMA cache_size=-20000;")  # ~20 MB in RAM
        _CONNECTION.execute("PRAGMA busy_timeout=2000;")
        _CONNECTION.commit()
    return _CONNECTION


def vacuum_incremental(pages: int = 100) -> None:
    conn = get_connection()
    conn.execute("PRAGMA incremental_vacuum(%d);" % pages)
    conn.commit()


SCHEMA = """
CREATE TABLE IF NOT EXISTS measurements (
    id         INTEGER PRIMARY KEY,
    sensor     TEXT NOT NULL,
    metric     TEXT NOT NULL,
    value      REAL NOT NULL,
    created_at TEXT NOT NULL DEFAULT (datetime('now'))
);
"""
INDEX = """
CREATE INDEX IF NOT EXISTS measurements_sensor_created
    ON measurements (sensor, created_at);
"""
INSERT = (
    "INSERT INTO measurements (sensor, metric, value, created_at)"
    " VALUES (?, ?, ?, coalesce(?, datetime('now')))"
)
Row = Tuple[str, str, float, Optional[str]]


def init_schema() -> None:
    conn = get_connection()
    conn.executescript(SCHEMA + (INDEX if WITH_INDEX else ""))
    conn.commit()


def insert_many(rows: Iterable[Row]) -> int:
    """One transaction for the whole batch; rows are (sensor, metric, value, created_at)."""
    conn = get_connection()
    with conn:
        return conn.executemany(INSERT, rows).rowcount


def delete_old(days: int = 90) -> int:
    """The guides' statement."""
    conn = get_connection()
    with conn:
        return conn.execute(
            "DELETE FROM measurements WHERE created_at < datetime('now', ?)",
            ("-%d days" % days,),
        ).rowcount


def sensors() -> List[str]:
    """Distinct sensors by skipping through the index, not by scanning the table."""
    rows = get_connection().execute(
        """
        WITH RECURSIVE s(name) AS (
            SELECT min(sensor) FROM measurements
            UNION ALL
            SELECT (SELECT min(sensor) FROM measurements WHERE sensor > s.name)
            FROM s WHERE s.name IS NOT NULL)
        SELECT name FROM s WHERE name IS NOT NULL
        """
    )
    return [r["name"] for r in rows.fetchall()]


def latest() -> List[Dict]:
    """The newest reading of every sensor."""
    conn = get_connection()
    out = []
    for name in sensors():
        row = conn.execute(
            "SELECT sensor, metric, value, created_at FROM measurements"
            " WHERE sensor = ? ORDER BY created_at DESC, id DESC LIMIT 1",
            (name,),
        ).fetchone()
        out.append(dict(row))
    return out


def day_series(sensor: str, bucket_s: int = 300) -> List[Tuple[int, float]]:
    """Mean per 5-minute bucket over the last 24 h: (bucket number 0..287, value)."""
    rows = get_connection().execute(
        """
        SELECT (strftime('%s', created_at) - strftime('%s', 'now', '-24 hours')) / ? AS b,
               avg(value) AS v
        FROM measurements
        WHERE sensor = ? AND created_at >= datetime('now', '-24 hours')
        GROUP BY b ORDER BY b
        """,
        (bucket_s, sensor),
    )
    return [(r["b"], r["v"]) for r in rows.fetchall()]


def select(sensor: Optional[str], since: Optional[str], until: Optional[str],
           limit: int) -> List[Dict]:
    """Newest first."""
    where, args = [], []
    for clause, value in (("sensor = ?", sensor), ("created_at >= ?", since),
                          ("created_at <= ?", until)):
        if value is not None:
            where.append(clause)
            args.append(value)
    order = "created_at DESC, id DESC" if where else "id DESC"
    sql = "SELECT id, sensor, metric, value, created_at FROM measurements"
    if where:
        sql += " WHERE " + " AND ".join(where)
    rows = get_connection().execute(sql + " ORDER BY %s LIMIT ?" % order, (*args, limit))
    return [dict(r) for r in rows.fetchall()]
