#!/usr/bin/env python3
"""Writes src/jinja/unicode_tables.cpp from the Unicode data that comes with Python: case and classes of code points."""
import pathlib
import sys

LAST = 0x110000
SURROGATES = range(0xD800, 0xE000)


def ranges(wanted):
    found = []
    for code in range(0x80, LAST):
        if code in SURROGATES or not wanted(chr(code)):
            continue
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return found


def shifts(change):
    """Runs of code points, one or two apart, that a case change moves by one distance."""
    found = []
    for code in range(0x80, LAST):
        if code in SURROGATES:
            continue
        to = change(chr(code))
        if len(to) != 1 or ord(to) == code:
            continue
        distance = ord(to) - code
        last = found[-1] if found else None
        if last and last[3] == distance and code - last[1] in (1, 2) and (last[0] == last[1] or last[2] == code - last[1]):
            last[2] = code - last[1]
            last[1] = code
        else:
            found.append([code, code, 1, distance])
    return found


def expansions(change):
    return [(c, change(chr(c))) for c in range(0x80, LAST) if c not in SURROGATES and len(change(chr(c))) > 1]


def quoted(text):
    return '"' + "".join(f"\\x{byte:02x}" for byte in text.encode()) + '"'


def main():
    out = [
        "// Case and classes of code points from U+0080 on. Written by tools/unicode_tables.py: do not edit.",
        '#include "jinja/unicode_tables.hpp"',
        "",
        "namespace pomiar::jinja {",
        "// clang-format off",
    ]
    classes = {
        "kWord": lambda c: c.isalnum() or c == "_",
        "kAlphabetic": str.isalpha,
        "kPrintable": str.isprintable,
        "kUpper": str.isupper,
        "kLower": str.islower,
    }
    for name, wanted in classes.items():
        rows = ", ".join(f"{{{a},{b}}}" for a, b in ranges(wanted))
        out += ["", f"static constexpr CodeRange {name}Rows[] = {{{rows}}};", f"const std::span<const CodeRange> {name}{{{name}Rows}};"]
    for name, change in {"kToUpper": str.upper, "kToLower": str.lower}.items():
        rows = ", ".join(f"{{{a},{b},{s},{d}}}" for a, b, s, d in shifts(change))
        out += ["", f"static constexpr CaseShift {name}Rows[] = {{{rows}}};", f"const std::span<const CaseShift> {name}{{{name}Rows}};"]
    rows = ", ".join(f"{{{c},{quoted(t)}}}" for c, t in expansions(str.upper))
    out += ["", f"static constexpr CaseExpansion kUpperExpansionRows[] = {{{rows}}};",
            "const std::span<const CaseExpansion> kUpperExpansions{kUpperExpansionRows};", "", "// clang-format on",
            "}  // namespace pomiar::jinja", ""]
    path = pathlib.Path(__file__).parent.parent / "src/jinja/unicode_tables.cpp"
    path.write_text("\n".join(out))
    return 0


sys.exit(main())
