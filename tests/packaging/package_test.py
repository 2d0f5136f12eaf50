"""The package as a file: its size, what is in it, what lintian says, and that it is the same each time."""

import subprocess

from conftest import ROOT, make

PACKAGE_BYTES_MAX = 4 << 20
INSTALLED_KIB_MAX = 10 << 10


def output(*words):
    return subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True).stdout


def test_size(package):
    installed = int(output("dpkg-deb", "-f", package, "Installed-Size"))
    print(f"{package.stat().st_size} bytes, installed {installed} KiB")
    assert package.stat().st_size <= PACKAGE_BYTES_MAX
    assert installed <= INSTALLED_KIB_MAX


def test_lintian_says_nothing(package):
    done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", package], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_settings_are_a_conffile(package):
    assert output("dpkg-deb", "-I", package, "conffiles").split() == ["/etc/pomiar/pomiar.toml"]


def test_same_program_and_commit_same_bytes(package, tmp_path):
    assert make(tmp_path, "0.1.0").read_bytes() == package.read_bytes()


def test_wrong_uses_are_refused(program, tmp_path):
    for words, complaint in (([program, "m68k", tmp_path], "m68k"),
                             ([program, "armhf", tmp_path], "no program for armhf"),
                             ([ROOT / "README.md", "amd64", tmp_path], "no program for amd64"),
                             ([tmp_path / "missing", "amd64", tmp_path], "missing"),
                             ([program, "amd64", tmp_path, "../1"], "no version")):
        done = subprocess.run([ROOT / "packaging/deb", *words], capture_output=True, text=True)
        assert done.returncode == 1
        assert complaint in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_shells_and_man_can_read_their_texts():
    made = ROOT / "packaging/texts/made"
    for words in (["bash", "-n", made / "pomiar.bash"], ["zsh", "-n", made / "_pomiar"], ["fish", "-n", made / "pomiar.fish"],
                  ["mandoc", "-T", "lint", "-W", "error", made / "pomiar.1", made / "pomiar.toml.5"]):
        done = subprocess.run(words, capture_output=True, text=True)
        assert (done.returncode, done.stdout + done.stderr) == (0, ""), words
    offered = output("fish", "-c", f"source {made}/pomiar.fish; complete -C 'pomiar token add x --can '")
    assert [line.split("\t")[0] for line in offered.splitlines()] == ["admin", "read", "write"]
