"""The server: where it listens, who may control it, what it calls itself, and that it can be stopped."""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import uvicorn
from conftest import Get
from starlette.applications import Starlette
from starlette.routing import Mount

from classroom.errors import StartError
from classroom.museum import Faults, RunningMuseum, serve, start_museum
from classroom.museum.app import make_museum_app
from classroom.museum.listening import address_in_room
from classroom.museum.state import Museum


def control(museum: RunningMuseum, name: str) -> str:
    return f"{museum.control_url}/{name}"


def wait_for(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 10
    while not condition() and time.monotonic() < limit:
        time.sleep(0.01)


def test_it_listens_on_this_machine_alone_unless_told_otherwise(museum: RunningMuseum) -> None:
    assert museum.host == "127.0.0.1"
    assert museum.room_url == museum.url
    elsewhere = address_in_room()
    if elsewhere == "127.0.0.1":
        pytest.skip("this machine has no other address")
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((elsewhere, museum.port), timeout=5)


def test_small_answers_come_at_once(get: Get) -> None:
    """They wait 40 ms each where the server's sockets hold back what is not a full packet."""
    durations = []
    for _ in range(20):
        began = time.monotonic()
        get(limit=1)
        durations.append(time.monotonic() - began)
    assert min(durations[5:]) < 0.035


def test_a_room_is_served_but_may_not_control() -> None:
    with start_museum(host="0.0.0.0", control_port=0) as museum:  # noqa: S104 - what is being tested
        assert requests.get(f"{museum.url}/artworks", timeout=20).status_code == 200
        path = museum.control_url.split("/", 3)[3]
        for base in {museum.url, museum.room_url}:
            for day in ("control/day", "day", f"{path}/day"):
                asked = base.replace("api/v1", day)
                assert requests.post(asked, json={"day": 2}, timeout=20).status_code == 404
        assert museum.day == 1
        if museum.room_url == museum.url:
            pytest.skip("this machine has no other address")
        page = requests.get(f"{museum.room_url}/artworks", timeout=20).json()
        assert page["config"]["iiif_url"].startswith(museum.room_url.removesuffix("/api/v1"))
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((address_in_room(), urlsplit(museum.control_url).port or 0), timeout=5)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8123", "127.0.0.1.evil.example", "[::2]", ""])
def test_a_name_that_is_not_its_own_is_refused_on_both_ports(museum: RunningMuseum, host: str) -> None:
    picture = f"{museum.iiif_url}/1/info.json"
    for address in (f"{museum.url}/artworks", picture, museum.url, control(museum, "day")):
        assert requests.get(address, headers={"Host": host}, timeout=20).status_code == 400
    answer = requests.post(control(museum, "day"), json={"day": 2}, headers={"Host": host}, timeout=20)
    assert (answer.status_code, museum.day) == (400, 1)


def test_in_a_room_it_answers_to_the_names_of_this_machine_and_to_those_it_is_told() -> None:
    own = [f"{socket.gethostname()}:80", f"{socket.gethostname().split('.')[0]}.local", address_in_room(), "localhost"]
    with start_museum(host="0.0.0.0", allowed_hosts=["Proxy.Example", "2001:db8::7"]) as museum:  # noqa: S104 - as above
        for host in (*own, "proxy.example", "PROXY.example:443", "[2001:db8::7]:8123"):
            answer = requests.get(f"{museum.url}/artworks", headers={"Host": host}, timeout=20)
            assert answer.status_code == 200, host
        assert requests.get(f"{museum.url}/artworks", headers={"Host": "other.example"}, timeout=20).status_code == 400


def test_an_address_of_this_machine_that_nobody_foresaw_is_its_own_too() -> None:
    with start_museum(host="0.0.0.0") as museum:  # noqa: S104 - as above
        try:
            answer = requests.get(f"http://127.0.0.2:{museum.port}/api/v1/artworks", timeout=20)
        except requests.ConnectionError:
            pytest.skip("this system has one loopback address only")
        assert answer.status_code == 200
        foreign = {"Host": "127.0.0.3"}
        assert requests.get(f"{museum.url}/artworks", headers=foreign, timeout=20).status_code == 400


@pytest.mark.parametrize("name", ["*", "*.example", "a b", "host:80", "", "http://host", "[::1", "a/b"])
def test_what_is_no_name_of_a_host_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="without a port"):
        start_museum(allowed_hosts=[name])


def test_who_does_not_know_the_path_controls_nothing(museum: RunningMuseum) -> None:
    root = museum.control_url.rpartition("/")[0]
    for path in ("day", "control/day", "x/day", "/day"):
        assert requests.post(f"{root}/{path}", json={"day": 2}, timeout=20).status_code == 404
    assert museum.day == 1


@pytest.mark.parametrize("origin", ["http://evil.example", "null"])
def test_a_page_from_elsewhere_controls_nothing_but_may_read_what_is_published(
    museum: RunningMuseum, origin: str
) -> None:
    answer = requests.post(control(museum, "day"), json={"day": 2}, headers={"Origin": origin}, timeout=20)
    assert (answer.status_code, museum.day) == (403, 1)
    page = requests.get(f"{museum.url}/artworks", headers={"Origin": origin}, timeout=20)
    assert (page.status_code, page.headers["Access-Control-Allow-Origin"]) == (200, "*")


def test_a_lesson_s_museum_has_no_port_for_control() -> None:
    with start_museum() as museum:
        assert museum.control_url == ""


def test_the_command_prints_where_it_is_controlled(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "classroom", "museum", "--port", "0", "--allowed-host", "proxy.example"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8", cwd=tmp_path)
    try:
        assert process.stdout is not None
        printed = "".join(process.stdout.readline() for _ in range(3))
        day = re.findall(r"http://127\.0\.0\.1:\d+/[\w-]+/day", printed)
        url = re.findall(r"http://127\.0\.0\.1:\d+/api/v1", printed)[0]
        assert requests.post(day[0], json={"day": 2}, timeout=20).json() == {"day": 2}
        for host, status in (("proxy.example", 200), ("other.example", 400)):
            assert requests.get(f"{url}/artworks", headers={"Host": host}, timeout=20).status_code == status
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_the_clock_is_moved_from_another_process(museum: RunningMuseum) -> None:
    assert requests.get(control(museum, "day"), timeout=20).json() == {"day": 1}
    assert requests.post(control(museum, "day"), json={"day": 3}, timeout=20).json() == {"day": 3}
    assert museum.day == 3


def test_faults_are_set_and_mended_from_another_process(museum: RunningMuseum, get: Get) -> None:
    url = control(museum, "faults")
    answer = requests.post(url, json={"share_unavailable": 1, "seed": 4}, timeout=20)
    assert answer.json() == requests.get(url, timeout=20).json() == Faults(share_unavailable=1, seed=4).to_json()
    assert get().status_code == 503
    requests.post(url, json={}, timeout=20)
    assert get().status_code == 200
    assert museum.faults == Faults()


def test_counts_are_read_and_set_to_zero_from_another_process(museum: RunningMuseum, get: Get) -> None:
    get()
    counts = requests.get(control(museum, "counts"), timeout=20).json()
    assert (counts["pages"], counts["statuses"]) == (1, {"200": 1})
    assert requests.post(control(museum, "counts"), json={}, timeout=20).json()["pages"] == 0


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("day", b'{"day": 4}', 422),
        ("day", b'{"day": true}', 422),
        ("day", b'{"day": "2"}', 422),
        ("day", b'{"day": [1]}', 422),
        ("day", b"{}", 422),
        ("day", b"[2]", 400),
        ("day", b"\xff\xfe", 400),
        ("day", b"", 400),
        ("day", b'{"day": ' + b"9" * 5000 + b"}", 400),
        ("faults", b"[" * 100_000, 400),
        ("faults", b'{"delay_s": NaN}', 422),
        ("faults", b'{"delay_s": 1e999}', 422),
        ("faults", b'{"\\ud800": 1}', 422),
        ("faults", b'{"expired_image_ids": ["\\ud800"]}', 422),
        ("faults", b'{"x": "' + b"x" * 600_000 + b'"}', 413),
        ("counts", b"null", 400),
    ],
)
def test_controls_refuse_what_they_do_not_understand(
    museum: RunningMuseum, name: str, content: bytes, status: int
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = requests.post(control(museum, name), data=content, headers=headers, timeout=20)
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert (museum.day, museum.faults) == (1, Faults())


def test_controls_refuse_what_a_web_page_could_send_unasked(museum: RunningMuseum) -> None:
    answer = requests.post(
        control(museum, "day"), data='{"day": 2}', headers={"Content-Type": "text/plain"}, timeout=20
    )
    assert (answer.status_code, museum.day) == (415, 1)


def test_links_follow_the_host_of_the_request(get: Get) -> None:
    page = get(headers={"Host": "museum.example:8080"}).json()
    assert page["config"]["iiif_url"] == "http://museum.example:8080/iiif/2"
    assert page["pagination"]["next_url"].startswith("http://museum.example:8080/api/v1/artworks?")
    assert page["data"][0]["api_link"].startswith("http://museum.example:8080/api/v1/artworks/")


@pytest.mark.parametrize("host", ["a b", "<script>", "example.org/path", "user@host", "host:port"])
def test_a_host_that_is_none_gets_into_no_link(get: Get, host: str) -> None:
    assert get(headers={"Host": host}).status_code == 400


def test_a_base_path_is_in_every_link() -> None:
    with start_museum(base_path="/museum") as museum:
        assert museum.url.endswith("/museum/api/v1")
        page = requests.get(f"{museum.url}/artworks", timeout=20).json()
        assert requests.get(page["pagination"]["next_url"], timeout=20).status_code == 200
        assert requests.get(page["data"][0]["api_link"], timeout=20).status_code == 200
        image_id = next(work["image_id"] for work in page["data"] if work["image_id"])
        picture = f"{page['config']['iiif_url']}/{image_id}/full/200,/0/default.jpg"
        assert requests.get(picture, timeout=20).headers["Content-Type"] == "image/jpeg"
        assert requests.get(museum.url.replace("/museum", ""), timeout=20).status_code == 404


def test_it_may_be_mounted_in_another_application() -> None:
    outer = Starlette(routes=[Mount("/museum", make_museum_app(Museum()))])
    server = uvicorn.Server(uvicorn.Config(outer, port=0, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_for(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    page = requests.get(f"http://localhost:{port}/museum/api/v1/artworks", timeout=20).json()
    assert page["config"]["iiif_url"] == f"http://localhost:{port}/museum/iiif/2"
    assert requests.get(page["pagination"]["next_url"], timeout=20).json()["pagination"]["current_page"] == 2
    server.should_exit = True
    thread.join(10)


@pytest.mark.parametrize("wrong", [{"base_path": "museum"}, {"base_path": "/a b"}, {"day": 9}])
def test_settings_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"not|cannot"):
        start_museum(**wrong)


def test_a_taken_port_is_an_error_that_says_what_to_do(museum: RunningMuseum) -> None:
    with pytest.raises(StartError, match=rf"127\.0\.0\.1:{museum.port}.*`port`"):
        start_museum(port=museum.port)
    with pytest.raises(StartError):
        start_museum(port=70_000)
    with pytest.raises(StartError, match="`control_port`"):
        start_museum(control_port=museum.port)
    with pytest.raises(StartError):
        start_museum(host="no.such.host.invalid")


def test_it_stops_in_the_middle_of_a_load_and_opens_again_on_the_same_port(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer_late(*_: object) -> None:
        await asyncio.sleep(30)

    monkeypatch.setattr("classroom.museum.app._Endpoints.page", answer_late)
    museum = start_museum()
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(requests.get, f"{museum.url}/artworks", timeout=20) for _ in range(4)]
        wait_for(lambda: museum.request_counts["pages"] == 4)
        began = time.monotonic()
        museum.stop()
        assert time.monotonic() - began < 5
        assert all(isinstance(answer.exception(), requests.ConnectionError) for answer in waiting)
    monkeypatch.undo()
    museum.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(museum.url, timeout=5)
    with start_museum(port=museum.port) as again:
        assert requests.get(f"{again.url}/artworks", timeout=20).status_code == 200


def test_two_museums_do_not_share_their_clock() -> None:
    with start_museum() as one, start_museum(day=2) as other:
        totals = [
            requests.get(f"{museum.url}/artworks", timeout=20).json()["pagination"]["total"] for museum in (one, other)
        ]
    assert totals[0] < totals[1]


def test_serve_keeps_open_until_it_is_stopped() -> None:
    opened: list[RunningMuseum] = []
    thread = threading.Thread(target=serve, kwargs={"day": 2, "on_start": opened.append})
    thread.start()
    wait_for(lambda: bool(opened))
    assert requests.get(f"{opened[0].url}/artworks", timeout=20).status_code == 200
    assert thread.is_alive()
    opened[0].stop()
    thread.join(5)
    assert not thread.is_alive()


def test_the_museum_needs_no_marimo() -> None:
    code = "import sys, classroom.museum; sys.exit('marimo' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
