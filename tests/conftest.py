"""Fixtures that several tests share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import fsspec
import pytest
from xdist.scheduler import LoadFileScheduling

REPOSITORY = Path(__file__).parents[1]

# Where it is set, each of the many processes that tests start would compile all it imports anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--thorough", action="store_true", help="Run the long tests too, at full size, as CI does.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--thorough"):
        skip = pytest.mark.skip(reason="takes long: `uv run pytest --thorough -m thorough`, as CI does")
        for item in items:
            if item.get_closest_marker("thorough"):
                item.add_marker(skip)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Runs tests of named files in this process, because starting others would take longer than most of them."""
    return 0 if all(".py" in argument for argument in config.args) else None


class _Scheduling(LoadFileScheduling):
    """A file of tests stays in one process; those with a browser share one, and with it the classroom they visit."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return "tests/browser" if file.startswith("tests/browser/") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadFileScheduling:
    return _Scheduling(config, log)


@pytest.fixture
def real_excerpts() -> Path:
    folder = REPOSITORY.parent / "shared" / "real_excerpts"
    if not folder.is_dir():
        pytest.skip("the excerpts of MVTec AD and DAGM 2007 are not beside the repository")
    return folder


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    from moto.server import ThreadedMotoServer  # takes a second, and one process in two has no use for it

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3_bucket(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Mapping[str, bytes]], str]]:
    """Returns a function that fills a bucket of a real server on this machine and returns its URL."""
    import boto3

    for name, value in {
        "AWS_ENDPOINT_URL": s3_endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    bucket = boto3.resource("s3").create_bucket(Bucket="inspection-images")

    def fill(files: Mapping[str, bytes]) -> str:
        for key, content in files.items():
            bucket.put_object(Key=key, Body=content)
        return f"s3://{bucket.name}"

    yield fill
    bucket.objects.all().delete()
    bucket.delete()
