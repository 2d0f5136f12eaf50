"""What the server tells of itself, and whether its page says the same."""
import re
import time
from pathlib import Path

from pomiar import Server, run

PAGE = Path(__file__).parents[2] / "docs/operating/monitoring.md"
VALUE = re.compile(r"([a-z_]+)(?:\{([a-z]+)=\"[^\"]*\"\})? (\S+)")


def values(text):
    """{"name": {label: value}}, {"name{label=...}"} as the text has them."""
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if not line.startswith("#")}


def shapes(names):
    """Names with the name of their label, if they have one."""
    return {re.sub(r'="[^"]*"', "", name) for name in names}


def test_the_page_lists_every_metric(tmp_path):
    run("password", "--data", tmp_path / "data", input="correct horse battery\n")
    with Server(tmp_path / "data", auth_public="true", backup_to=tmp_path) as server:
        client = server.client(server.token())
        assert client.post("/write", "a value=1").status == 204
        client.get("/nothing")
        run("backup", tmp_path / "copy.db", "--data", server.data)  # makes blocks
        deadline = time.monotonic() + 20
        while "pomiar_backup_last_size_bytes" not in (text := client.get("/metrics").text):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        told = shapes(values(text))
        assert "pomiar_level_bytes{level}" in told
    rows = "\n".join(line.split("|")[1] for line in PAGE.read_text().splitlines() if line.startswith("| `"))
    listed = {name for name in re.findall(r"`((?:pomiar|process)_[a-z_0-9]+(?:\{[a-z]+\})?)`", rows)}
    assert told == listed, (told - listed, listed - told)


def test_it_reads_as_prometheus_wants_it():
    with Server(auth_public="true") as server:
        text = server.client().get("/metrics").text
    seen = set()
    family = None
    for line in text.splitlines():
        if line.startswith("# HELP "):
            family = line.split(" ")[2]
            assert family not in seen, f"{family} twice"
            seen.add(family)
        elif line.startswith("# TYPE "):
            assert line.split(" ")[2] == family and line.split(" ")[3] in ("counter", "gauge", "histogram")
        else:
            name = VALUE.fullmatch(line).group(1)
            assert name == family or (name.removeprefix(family) in ("_bucket", "_sum", "_count")), line
            float(VALUE.fullmatch(line).group(3))


def test_refusals_and_times_are_counted():
    with Server(auth_public="true") as server:
        writer = server.client(server.token())
        before = values(writer.get("/metrics").text)
        assert writer.post("/write", "a value=1").status == 204
        assert writer.post("/write", 'a value="text"').status in (400, 422)
        assert server.client().post("/write", "a value=1").status == 401
        assert server.client().get("/nothing").status == 404
        after = values(writer.get("/metrics").text)
        assert after['pomiar_http_refusals_total{status="401"}'] == 1
        assert after['pomiar_http_refusals_total{status="404"}'] == 1
        assert after['pomiar_readings_refused_total{reason="type"}'] == 1
        assert after['pomiar_readings_refused_total{reason="series"}'] == 0
        assert after["pomiar_http_client_errors_total"] - before["pomiar_http_client_errors_total"] == 3
        assert after["pomiar_http_request_seconds_count"] - before["pomiar_http_request_seconds_count"] == 5
        buckets = [value for name, value in after.items() if name.startswith("pomiar_http_request_seconds_bucket")]
        assert buckets == sorted(buckets) and buckets[-1] == after["pomiar_http_request_seconds_count"]
        assert after["pomiar_http_request_seconds_sum"] > before["pomiar_http_request_seconds_sum"]


def test_syncs_and_what_goes_to_the_disk_are_told(tmp_path):
    with Server(tmp_path / "data", auth_public="true", storage_sync="always") as server:
        writer = server.client(server.token())
        for i in range(3):
            assert writer.post("/write", f"a value={i}").status == 204
        told = values(writer.get("/metrics").text)
        assert told["pomiar_journal_syncs_total"] >= 3
        assert 0 < told["pomiar_journal_sync_seconds"] <= told["pomiar_journal_sync_longest_seconds"]
        assert told["pomiar_journal_sync_longest_seconds"] <= told["pomiar_journal_syncs_seconds_total"]
        assert told["pomiar_flash_disk_written_bytes_total"] >= 0 and told["pomiar_log_lines_lost_total"] == 0
