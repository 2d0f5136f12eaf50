"""The house rules: what the compiler cannot see. Each failure says which file and what now."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Which rooms a room may include. Floors go down only; neighbours on one floor do not know each other.
FLOOR_0 = {"base"}
FLOOR_1 = FLOOR_0 | {"storage", "http", "jinja"}
FLOOR_2 = FLOOR_1 | {"ingest", "query"}
FLOOR_3 = FLOOR_2 | {"sql", "web", "feeds", "upkeep"}
MAY_INCLUDE = {
    "base": FLOOR_0,
    "storage": FLOOR_0,
    "http": FLOOR_0,
    "jinja": FLOOR_0,
    "ingest": FLOOR_1,
    "query": FLOOR_1,
    "sql": FLOOR_2,
    "web": FLOOR_2,
    "feeds": FLOOR_2,
    "upkeep": FLOOR_2,
    "cli": FLOOR_3,
}
# Folders inside storage/ that others, even storage's own neighbours above, reach only through Store.
PRIVATE_TO_STORAGE = ("storage/journal/", "storage/codec/")

LINES_MAX = 500
VAGUE_NAMES = {"util", "utils", "helper", "helpers", "manager", "common", "misc"}
CODE = {".cpp", ".hpp", ".h", ".py", ".ts", ".mjs"}
BINARY_SIZE_MAX = 1 << 20


def tracked(*patterns):
    names = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in sorted(names.split("\0")) if name and (ROOT / name).is_file()]


def short(path):
    return path.relative_to(ROOT).as_posix()


def code_files():
    return [path for path in tracked() if path.suffix in CODE]


def cpp_files():
    return tracked("src/*.cpp", "src/*.hpp", "tests/*.cpp", "tests/*.hpp", "benchmarks/*.cpp", "benchmarks/*.hpp")


def includes(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if match:
            yield number, match.group(1)


def include_faults(room, files):
    """What the include rules forbid in these files of a room."""
    faults = []
    for path in files:
        for number, name in includes(path):
            place = f"{short(path)}:{number}: includes {name}"
            target = name.split("/")[0]
            made = ROOT / "src" / f"{name}.in"  # by CMake
            if "/" not in name or not ((ROOT / "src" / name).exists() or made.exists()):
                faults.append(f"{place}, which is not a file below src/")
            elif target != room and target not in MAY_INCLUDE[room]:
                faults.append(f"{place}, but {room}/ stands no higher than {target}/")
            elif room != "storage" and name.startswith(PRIVATE_TO_STORAGE):
                faults.append(f"{place}, which is storage's own; use storage/store.hpp")
    return faults


ROOMS = sorted(path.name for path in (ROOT / "src").iterdir() if path.is_dir())


@pytest.mark.parametrize("room", ROOMS)
def test_includes_go_down_only(room):
    assert room in MAY_INCLUDE, f"src/{room}/: a new room needs a floor here and in docs/architecture.md"
    faults = include_faults(room, tracked(f"src/{room}/*.cpp", f"src/{room}/*.hpp"))
    assert not faults, "\n".join(faults)


def test_an_include_that_climbs_is_found(tmp_path, monkeypatch):
    """The alarm works."""
    monkeypatch.setattr("rules_test.ROOT", tmp_path)
    room = tmp_path / "src" / "http"
    (tmp_path / "src" / "web").mkdir(parents=True)
    room.mkdir()
    (tmp_path / "src" / "web" / "page.hpp").write_text("")
    (room / "server.cpp").write_text('#include <vector>\n#include "web/page.hpp"\n')
    faults = include_faults("http", [room / "server.cpp"])
    assert faults == ["src/http/server.cpp:2: includes web/page.hpp, but http/ stands no higher than web/"]


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_a_readme(room):
    if tracked(f"src/{room}/*.cpp"):
        assert (ROOT / "src" / room / "README.md").exists(), f"src/{room}/ wants a README.md in reading order"


def test_tests_mirror_the_rooms():
    known = set(MAY_INCLUDE) | {"support", "crash", "golden", "fuzz", "e2e", "browser", "house", "packaging"}
    folders = {short(path).split("/")[1] for path in tracked("tests/*/*")}
    assert folders <= known, f"tests/ has folders that mirror nothing: {sorted(folders - known)}"
    for room in ROOMS:
        if room != "cli" and (ROOT / "src" / room / "CMakeLists.txt").exists():
            assert room in folders, f"src/{room}/ has no tests/{room}/"


def test_files_are_short():
    long = [f"{short(path)}: {lines} lines" for path in code_files()
            if (lines := len(path.read_text().splitlines())) > LINES_MAX]
    assert not long, f"more than {LINES_MAX} lines; has it still one purpose?\n" + "\n".join(long)


def test_names_say_something():
    vague = [short(path) for path in tracked() if {part.split(".")[0] for part in Path(short(path)).parts} & VAGUE_NAMES]
    assert not vague, "a name that fits everything says nothing:\n" + "\n".join(vague)


def test_headers_open_with_a_purpose_and_a_guard():
    faults = []
    for path in cpp_files():
        if path.suffix != ".hpp":
            continue
        lines = path.read_text().splitlines() or [""]
        if not lines[0].startswith("//"):
            faults.append(f"{short(path)}: the first line is not a sentence of purpose")
        if "#pragma once" not in lines:
            faults.append(f"{short(path)}: no #pragma once")
    assert not faults, "\n".join(faults)


def test_no_paths_of_one_machine():
    paths = re.compile(rb"/(work|tmp/wt|tmp/bash_job|farm)/[a-z.]")
    faults = [short(path) for path in tracked() if path != Path(__file__).resolve() and paths.search(path.read_bytes())]
    assert not faults, "\n".join(faults)


def test_no_large_files():
    large = [short(path) for path in tracked() if path.stat().st_size > BINARY_SIZE_MAX]
    assert not large, "\n".join(large)


def test_lock_files_name_no_registry():
    for path in tracked("*package-lock.json"):
        assert '"resolved"' not in path.read_text(), f"{short(path)}: npm config set omit-lockfile-registry-resolved true"


def test_sources_are_formatted():
    done = subprocess.run(["clang-format-19", "--dry-run", "--Werror", *map(str, cpp_files())],
                          cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]


def test_links_in_the_docs_lead_somewhere():
    broken = []
    for path in tracked("*.md"):
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text()):
            if not re.match(r"[a-z]+:", target) and not (path.parent / target).exists():
                broken.append(f"{short(path)}: {target}")
    assert not broken, "\n".join(broken)


def test_every_route_is_documented():
    docs = "\n".join(path.read_text() for path in tracked("docs/*.md"))
    route = re.compile(r'(?:\brouter\.(?:get|post)\(|\bMethod::\w+,\s*)"(/[^"]*)"')
    routes = {name: short(path) for path in tracked("src/web/*.cpp") for name in route.findall(path.read_text())}
    assert routes, "this test no longer finds the routes"
    missing = [f"{where}: {name}" for name, where in routes.items() if name not in docs]
    assert not missing, "no page in docs/ names these:\n" + "\n".join(missing)


def test_decisions_have_numbers_of_their_own():
    numbers = [path.name[:4] for path in tracked("docs/decisions/*.md")]
    assert len(numbers) == len(set(numbers)), f"two decisions share a number: {sorted(n for n in numbers if numbers.count(n) > 1)}"


def test_both_readmes_lead_to_the_same_pages():
    english, polish = (set(re.findall(r"\]\(([^)\s]+)\)", (ROOT / name).read_text())) for name in ("README.md", "README.pl.md"))
    assert english - {"README.pl.md"} == polish - {"README.md"}


def test_pictures_have_the_colours_of_the_pages():
    palette = dict(re.findall(r'(\w+): \[("[\d ]+", "[\d ]+")\]', (ROOT / "frontend" / "tailwind.config.js").read_text()))
    source = (ROOT / "src" / "web" / "api" / "chart_svg.cpp").read_text()
    roles = {"p": "panel", "t": "ink", "s": "soft", "g": "line", "l": "accent", "m": "accent"}
    for which, name in enumerate(("kLight", "kDark")):
        style = re.search(name + r' =\s*"([^"]*)"', source).group(1)
        colours = dict(re.findall(r"\.(\w)\{(?:fill|stroke):#(\w+)", style))
        assert colours.keys() == roles.keys(), f"{name}: {style}"
        for letter, role in roles.items():
            meant = "".join(f"{int(part):02x}" for part in re.findall(r'"([\d ]+)"', palette[role])[which].split())
            drawn = colours[letter]
            drawn = "".join(2 * digit for digit in drawn) if len(drawn) == 3 else drawn
            assert drawn == meant, f"chart_svg.cpp, {name}: .{letter} is #{drawn}, the {role} of frontend/tailwind.config.js #{meant}"
