"""The life of the package on a bare Debian 12: install, serve, upgrade, remove, purge. The tests go on from one another."""

START_SECONDS_MAX = 5
WANTED = "/etc/systemd/system/multi-user.target.wants/pomiar.service"


def link_exists(bare, name):
    return (bare.path / name.lstrip("/")).is_symlink()


def test_installs_and_is_started(bare, package):
    bare.run("apt-get", "-q", "update")
    bare.asked_of_systemctl()
    bare.install(package)
    assert "start pomiar.service" in bare.asked_of_systemctl()
    assert link_exists(bare, WANTED)
    assert not link_exists(bare, "/etc/systemd/system/sockets.target.wants/pomiar.socket"), "port 443 is the owner's choice"
    assert bare.run("stat", "-c", "%U %G %a", "/var/lib/pomiar", "/var/log/pomiar").stdout == "pomiar pomiar 750\n" * 2
    assert bare.run("getent", "passwd", "pomiar").stdout.strip().endswith(":/var/lib/pomiar:/usr/sbin/nologin")


def test_the_configuration_file_changes_nothing(bare):
    origins = [line.split(" # ")[1] for line in bare.run("pomiar", "config").stdout.splitlines()]
    assert len(origins) > 30
    assert set(origins) == {"default"}


def test_serves_within_seconds(bare):
    bare.run("pomiar", "password", input="a long enough password\n")  # by root, before the first start
    token = bare.run("pomiar", "token", "add", "kitchen").stdout.strip()
    server = bare.serve()
    seconds = server.seconds_to_answer(START_SECONDS_MAX)
    print(f"answers {seconds:.2f} s after its start")
    reading = ["-H", f"Authorization: Bearer {token}", "-d", "sensor=kitchen", "-d", "temperature=21.5"]
    status, body = server.curl("/api/v1/measurements", *reading)
    assert 200 <= status < 300, body
    assert bare.run("pomiar", "healthcheck").returncode == 0
    assert server.stop() == 0
    owners = bare.run("find", "/var/lib/pomiar", "!", "-user", "pomiar").stdout
    assert owners == "", "root's commands leave nothing that the service cannot read"


def test_upgrade_restarts_and_keeps_data_and_settings(bare, newer_package):
    settings = bare.path / "etc/pomiar/pomiar.toml"
    mine = settings.read_text().replace("#access = false", "access = true")
    assert mine != settings.read_text()
    settings.write_text(mine)
    bare.asked_of_systemctl()
    bare.install(newer_package)
    asked = bare.asked_of_systemctl()
    assert "restart pomiar.service" in asked
    assert not any(line.startswith("stop") for line in asked), "connections wait at the socket, if it is used"
    assert bare.run("dpkg-query", "-W", "-f", "${Version}", "pomiar").stdout == "0.1.1"
    assert settings.read_text() == mine
    assert "kitchen" in bare.run("pomiar", "export").stdout
    server = bare.serve()
    server.seconds_to_answer(START_SECONDS_MAX)
    assert server.stop() == 0


def test_remove_keeps_data_and_settings(bare):
    bare.asked_of_systemctl()
    bare.run("apt-get", "-q", "-y", "remove", "pomiar")
    stopped = [line.split()[1:] for line in bare.asked_of_systemctl() if line.startswith("stop")]
    assert sorted(unit for units in stopped for unit in units) == ["pomiar.service", "pomiar.socket"]
    assert not bare.exists("/usr/bin/pomiar")
    assert "access = true" in (bare.path / "etc/pomiar/pomiar.toml").read_text()
    assert any((bare.path / "var/lib/pomiar").iterdir())


def test_installed_again_it_has_its_data(bare, newer_package):
    bare.install(newer_package)
    assert "21.5" in bare.run("pomiar", "export").stdout
    assert bare.run("pomiar", "check").returncode == 0


def test_purge_leaves_nothing_and_asks_nothing(bare):
    bare.run("install", "-d", "-o", "pomiar", "-m", "0700", "/dev/shm/pomiar-" + bare.run("id", "-u", "pomiar").stdout.strip())
    bare.run("apt-get", "-q", "-y", "purge", "pomiar")
    assert bare.run("getent", "passwd", "pomiar", check=False).returncode == 2
    assert bare.run("getent", "group", "pomiar", check=False).returncode == 2
    left = bare.run("find", "/etc", "/lib/systemd", "/usr", "/var/lib", "/var/log", "/dev/shm", "-xdev", "-name", "*pomiar*").stdout
    assert left == ""
    assert not link_exists(bare, WANTED)


def test_purged_twice_is_no_fault(bare, package):
    bare.install(package)
    bare.run("rm", "-rf", "/var/lib/pomiar")
    bare.run("userdel", "pomiar")
    bare.run("dpkg", "--purge", "pomiar")
    assert not bare.exists("/etc/pomiar")
