"""A Docker engine of the tests' own: nothing of the machine's is touched but its bridge."""

import os
import shutil
import subprocess
import time


class Engine:
    def __init__(self, folder):
        self.folder = folder
        self.socket = f"unix://{folder}/socket"
        # Debian's own client first: it has the builder in it.
        self.environment = {**os.environ, "PATH": f"/usr/bin:/usr/sbin:{os.environ['PATH']}", "DOCKER_HOST": self.socket, "DOCKER_BUILDKIT": "1"}
        with open(folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                ["dockerd", "--data-root", folder / "data", "--exec-root", folder / "exec", "-H", self.socket, "-p", folder / "pid"],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while self.docker("info", check=False).returncode != 0:
            assert self.process.poll() is None and time.monotonic() < until, (folder / "log").read_text()[-2000:]
            time.sleep(0.5)

    def run(self, *words, check=True, timeout=300, **options):
        if "stdin" not in options:
            options["stdin"] = subprocess.DEVNULL
        done = subprocess.run([*map(str, words)], capture_output=True, text=True, env=self.environment, timeout=timeout, **options)
        assert not check or done.returncode == 0, f"{words}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done

    def docker(self, *words, **options):
        return self.run("docker", *words, **options)

    def inspect(self, name, form):
        return self.docker("inspect", "--format", form, name).stdout.strip()

    def import_base(self, archive, name):
        """With the authorities that this machine reaches npm's registry by, where it has some of its own."""
        authorities = os.environ.get("NODE_EXTRA_CA_CERTS")
        if not authorities:
            self.docker("import", archive, name)
            return
        base = shutil.copy(archive, self.folder / "base.tar")
        shutil.copy(authorities, self.folder / "authorities.pem")
        self.run("tar", "--append", "-f", base, "-C", self.folder, "./authorities.pem")
        self.docker("import", "--change", "ENV NODE_EXTRA_CA_CERTS=/authorities.pem", base, name)

    def close(self):
        self.process.terminate()
        self.process.wait(60)
        subprocess.run(["umount", self.folder / "exec/netns/default"], capture_output=True)
