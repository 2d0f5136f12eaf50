"""A machine for the commands of the manual: folders, a service, and the commands as they stand, with those folders in the place of its own."""
import getpass
import os
import re
import subprocess

from pomiar import BINARY, free_port

# What there is of systemd: one service, which is up when it answers and stopped when it has ended.
SYSTEMCTL = """#!/bin/sh -e
case "$*" in
"start pomiar")
    setsid pomiar serve --listen "127.0.0.1:$PORT" >>"$ROOT/log" 2>&1 </dev/null &
    echo $! >"$ROOT/pid"
    for i in $(seq 200); do pomiar healthcheck 2>/dev/null && exit 0; sleep 0.1; done
    exit 1 ;;
"stop pomiar")
    [ -e "$ROOT/pid" ] || exit 0
    kill -TERM "$(cat "$ROOT/pid")"
    for i in $(seq 200); do kill -0 "$(cat "$ROOT/pid")" 2>/dev/null || { rm "$ROOT/pid"; exit 0; }; sleep 0.1; done
    exit 1 ;;
*) exit 2 ;;
esac
"""


class Machine:
    """A folder with /var/lib and /etc of its own. stick: what is /media/stick there. To install a package does nothing."""

    def __init__(self, root, stick):
        self.root, self.stick, self.port = root, stick, free_port()
        for folder in ("var/lib/pomiar", "etc/pomiar", "bin"):
            (root / folder).mkdir(parents=True)
        self.data = root / "var/lib/pomiar"
        (root / "etc/pomiar/pomiar.toml").write_text('self.every = "0s"\n')
        for name, text in (("systemctl", SYSTEMCTL), ("sudo", '#!/bin/sh\nexec "$@"\n'), ("apt", "#!/bin/sh\n"), ("pomiar", f'#!/bin/sh\nexec "{BINARY}" "$@"\n')):
            (root / "bin" / name).write_text(text)
            (root / "bin" / name).chmod(0o755)

    def run(self, commands):
        text = re.sub(r"(?<![\w./])/(var|etc)(?=/)", rf"{self.root}/\1", commands).replace("/media/stick", str(self.stick))
        user = getpass.getuser()
        text = text.replace("pomiar:pomiar", user).replace("-o pomiar -g pomiar ", "")
        environment = {**os.environ, "PATH": f"{self.root}/bin:{os.environ['PATH']}", "ROOT": str(self.root), "PORT": str(self.port),
                       "POMIAR_STORAGE_PATH": str(self.data), "POMIAR_CONFIG": f"{self.root}/etc/pomiar/pomiar.toml"}
        done = subprocess.run(["bash", "-ec", text], env=environment, cwd=self.root, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
        return done.stdout

    def kill(self):
        pid = self.root / "pid"
        if pid.exists():
            subprocess.run(["kill", "-KILL", pid.read_text().strip()], check=False, capture_output=True)
