"""Who may come in: real servers, asked as strangers, other pages and other users would ask them."""

from __future__ import annotations

import html
import json
import os
import pickle
import re
import socket
import stat
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import pytest
from real_classroom import HANDSHAKE, Answer, Classroom, ask, copy_course, free_port, open_classroom, shake_hands

TOLD = "Open the address that <code>classroom start</code> printed"
LESSON = "/lessons/01_introduction/"
PAGES = ("/", "/run-of-show", "/health", LESSON, f"{LESSON}health")
BROWSER = """#!/bin/sh
echo "$@" > "$0.called"
cp "${1#file://}" "$0.new"
mv "$0.new" "$0.page"
"""
FOREIGN_HOSTS = ("evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.", "[::2]", "")
FOREIGN_ORIGINS = ("http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:9")


@pytest.fixture(scope="module")
def classroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Classroom]:
    root = copy_course(tmp_path_factory.mktemp("course"), "lessons", "exercises", "sample_data/dagm_like/Class11")
    with open_classroom(root, "" if sys.platform == "win32" else make_browser(root)) as running:
        yield running


@pytest.fixture(scope="module")
def cookie(classroom: Classroom) -> str:
    return ask(classroom.opened).cookie


@pytest.fixture(scope="module")
def page(classroom: Classroom, cookie: str) -> Answer:
    return ask(f"{classroom.address}/", Cookie=cookie)


@pytest.fixture(scope="module")
def link(page: Answer) -> str:
    """The address of an exercise in the editor, as the page with the key has it."""
    found = re.search(r'href="(http://[^"]+exercises%2F01[^"]+)"', page.text)
    assert found is not None
    return html.unescape(found[1])


@pytest.fixture(scope="module")
def editor(link: str) -> str:
    return link.split("/?")[0]


@pytest.fixture(scope="module")
def editor_cookie(link: str) -> str:
    answer = ask(link)
    assert answer.status == 303
    return answer.cookie


def make_browser(root: Path) -> str:
    """A program that stands for a browser and writes down how it was called."""
    program = root / "browser.sh"
    program.write_text(
        '#!/bin/sh\necho "$@" > "$0.called"\ncp "${1#file://}" "$0.new"\nmv "$0.new" "$0.page"\n', encoding="utf-8"
    )
    program.chmod(0o700)
    return str(program)


def token_of(link: str) -> str:
    return parse_qs(urlsplit(link).query)["access_token"][0]


def key_of(classroom: Classroom) -> str:
    return parse_qs(urlsplit(classroom.opened).query)["key"][0]


def lesson_socket(classroom: Classroom) -> str:
    return f"{classroom.address}{LESSON}ws?session_id=s_door01"


def editor_socket(link: str) -> str:
    file = parse_qs(urlsplit(link).query)["file"][0]
    return f"{link.split('/?')[0]}/ws?session_id=s_door02&file={file}"


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_foreign_host_is_refused_on_every_page(classroom: Classroom, cookie: str, editor: str, host: str) -> None:
    for address in (*(classroom.address + path for path in PAGES), f"{editor}/", f"{editor}/health"):
        assert ask(address, Host=host, Cookie=cookie).status == 400, address


def test_a_foreign_host_gets_no_websocket(classroom: Classroom, cookie: str, link: str, editor_cookie: str) -> None:
    port = urlsplit(link).port
    evil = {"Host": f"evil.example:{port}", "Origin": f"http://evil.example:{port}"}
    assert shake_hands(lesson_socket(classroom), {**evil, "Cookie": cookie}) == 400
    assert shake_hands(editor_socket(link), {**evil, "Cookie": editor_cookie}) == 400


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "[::1]"])
def test_this_machine_s_own_names_are_answered(classroom: Classroom, editor: str, host: str) -> None:
    for address in (classroom.address, editor):
        port = urlsplit(address).port
        assert ask(f"{address}/health", Host=f"{host}:{port}").status == 200


@pytest.mark.parametrize("shown", ["", "?key=", "?key=wrong", "?key=%00%C3%BC"])
def test_the_page_without_the_key_holds_no_token_and_tells_what_to_do(classroom: Classroom, shown: str) -> None:
    answer = ask(f"{classroom.address}/{shown}")
    assert (answer.status, answer.cookie) == (200, "")
    assert TOLD in answer.text
    assert "access_token" not in answer.text
    assert key_of(classroom) not in answer.text
    assert not re.search(r'href="(?!data:)', answer.text)


def test_a_cookie_that_somebody_made_up_opens_nothing(classroom: Classroom, cookie: str) -> None:
    name = cookie.split("=")[0]
    for made_up in (f"{name}=", f"{name}=wrong", f"{name}=\xfc", f"other={cookie.split('=')[1]}", ";;="):
        assert TOLD in ask(f"{classroom.address}/", Cookie=made_up).text
        assert ask(classroom.address + LESSON, Cookie=made_up).status == 403


def test_the_key_sets_a_cookie_once_and_leads_to_the_clean_address(classroom: Classroom, page: Answer) -> None:
    entered = ask(classroom.opened)
    assert (entered.status, entered.headers["Location"]) == (303, "/")
    assert entered.headers["Referrer-Policy"] == "no-referrer"
    assert entered.headers["Cache-Control"] == "no-store"
    attributes = {part.strip().lower() for part in entered.headers["Set-Cookie"].split(";")[1:]}
    assert attributes == {"httponly", "samesite=strict", "path=/"}
    assert page.status == 200
    assert page.text.count("access_token=") >= 10
    assert TOLD not in page.text
    assert key_of(classroom) not in page.text


@pytest.mark.parametrize("path", [LESSON, LESSON.rstrip("/"), f"{LESSON}health", f"{LESSON}manifest.json"])
def test_a_lesson_runs_for_whoever_has_the_key_alone(classroom: Classroom, cookie: str, path: str) -> None:
    answer = ask(classroom.address + path)
    assert answer.status == 403
    assert TOLD in answer.text
    assert ask(classroom.address + path, Cookie=cookie).status in (200, 301, 307, 404)


def test_websockets_open_for_whoever_shows_the_key_or_the_token(
    classroom: Classroom, cookie: str, link: str, editor_cookie: str
) -> None:
    own = {"Origin": classroom.address}
    assert shake_hands(lesson_socket(classroom), own) == 403
    assert shake_hands(lesson_socket(classroom), {**own, "Cookie": cookie}) == 101
    own = {"Origin": link.split("/?")[0]}
    assert shake_hands(editor_socket(link), own) == 403
    assert shake_hands(f"{editor_socket(link)}&access_token=wrong", own) == 403
    assert shake_hands(editor_socket(link), {**own, "Cookie": editor_cookie}) == 101


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_a_page_from_elsewhere_gets_no_websocket_and_changes_nothing(
    classroom: Classroom, cookie: str, link: str, editor_cookie: str, origin: str
) -> None:
    assert shake_hands(lesson_socket(classroom), {"Origin": origin, "Cookie": cookie}) == 403
    assert shake_hands(editor_socket(link), {"Origin": origin, "Cookie": editor_cookie}) == 403
    assert shake_hands(f"{editor_socket(link)}&access_token={token_of(link)}", {"Origin": origin}) == 403
    for address, key in ((classroom.address + LESSON, cookie), (f"{link.split('/?')[0]}/", editor_cookie)):
        for name in ("run", "instantiate", "interrupt"):
            told = ask(f"{address}api/kernel/{name}", "POST", Origin=origin, Cookie=key)
            assert told.status == 403
            assert "another page" in told.text


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_from_elsewhere_leads_here_and_loads_and_frames_nothing(
    classroom: Classroom, cookie: str, editor: str, editor_cookie: str, site: str
) -> None:
    for address, key in ((classroom.address + LESSON, cookie), (f"{editor}/?file=exercises/x.py", editor_cookie)):
        for dest, method in (("iframe", "GET"), ("script", "GET"), ("empty", "GET"), ("document", "POST")):
            asked = {"Sec-Fetch-Site": site, "Sec-Fetch-Dest": dest, "Cookie": key}
            assert ask(address, method, **asked).status == 403
        led = {"Sec-Fetch-Site": site, "Sec-Fetch-Dest": "document", "Cookie": key}
        assert ask(address, **led).status in (200, 404)


@pytest.mark.parametrize("path", ["/", "/run-of-show", "/run-of-show?start=99:99"])
def test_own_pages_load_nothing_from_elsewhere_and_are_what_they_say(
    classroom: Classroom, cookie: str, path: str
) -> None:
    for headers in ({}, {"Cookie": cookie}):
        answer = ask(classroom.address + path, **headers)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none';")
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"


def test_arguments_of_processes_and_log_files_hold_no_secret(classroom: Classroom, link: str) -> None:
    own = psutil.Process(classroom.pid)
    arguments = " ".join(" ".join(process.cmdline()) for process in (own, *own.children(recursive=True)))
    assert "classroom" in arguments
    for secret in (token_of(link), key_of(classroom)):
        assert secret not in arguments
        for file in (classroom.root / ".classroom").rglob("*.log"):
            assert secret not in file.read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="the browser of this test is a shell script")
def test_the_browser_is_opened_by_a_file_that_its_owner_alone_can_read(classroom: Classroom) -> None:
    page = classroom.root / "browser.sh.page"
    give_up = time.monotonic() + 20
    while not page.exists() and time.monotonic() < give_up:
        time.sleep(0.05)
    called = (classroom.root / "browser.sh.called").read_text(encoding="utf-8").strip()
    assert key_of(classroom) not in called
    file = Path(called.removeprefix("file://"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert html.escape(classroom.opened) in page.read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes; a user's folders are theirs there")
def test_the_editor_s_log_is_its_owner_s_alone(classroom: Classroom) -> None:
    assert stat.S_IMODE(classroom.editor_log.stat().st_mode) == 0o600


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without asking it")
def test_what_is_typed_live_is_behind_the_same_door(tmp_path: Path) -> None:
    root = copy_course(tmp_path, "lessons", "exercises")
    command = [sys.executable, "-m", "classroom", "live", "02", "--headless", "--port", str(free_port())]
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, encoding="utf-8")
    try:
        assert process.stdout is not None
        link = process.stdout.readline().removeprefix("The editor is open at ").split()[0]
        answer, origin = ask(link), link.split("/?")[0]
        assert answer.status == 303
        assert ask(link, Host="evil.example").status == 400
        for page, status in ((origin, 101), ("http://evil.example", 403)):
            assert shake_hands(editor_socket(link), {"Origin": page, "Cookie": answer.cookie}) == status
        assert token_of(link) not in (root / ".classroom" / "editor.log").read_text(encoding="utf-8")
    finally:
        process.terminate()
        process.wait(timeout=30)


STRANGER = """
import json, os, sys, urllib.error, urllib.request
from encodings import idna
from pathlib import Path

os.setgroups([])
os.setgid(65534)
os.setuid(65534)
found = []
for address in sys.argv[2:]:
    try:
        found.append(urllib.request.urlopen(address, timeout=20).read().decode("utf-8", "replace"))
    except urllib.error.HTTPError as error:
        found.append(error.read().decode("utf-8", "replace"))
for file in [sys.argv[1], *Path("/proc").glob("[0-9]*/cmdline"), *Path("/proc").glob("[0-9]*/environ")]:
    try:
        found.append(Path(file).read_text("utf-8", "replace"))
    except OSError as error:
        found.append(f"{type(error).__name__}: {file}")
print(json.dumps(found))
"""


@pytest.mark.skipif(
    sys.platform != "linux" or os.getuid() != 0, reason="only root can become another user; reads /proc"
)
def test_another_user_of_this_machine_gets_nothing(classroom: Classroom, link: str) -> None:
    editor = link.split("/?")[0]
    log = classroom.editor_log
    for part in (log.parent, *log.parents[1:4]):
        part.chmod(part.stat().st_mode | 0o055)
    asked = (f"{classroom.address}/", classroom.address + LESSON, f"{editor}/", f"{editor}/api/status")
    run = subprocess.run(
        [sys.executable, "-c", STRANGER, str(log), *asked], capture_output=True, text=True, check=True, cwd="/"
    )
    found = json.loads(run.stdout)
    assert all(TOLD in text for text in found[:2])
    assert f"PermissionError: {log}" in found
    assert any("classroom\x00start" in text for text in found)
    for secret in (token_of(link), key_of(classroom)):
        assert secret not in run.stdout


class WritesAFile:
    """What a stranger sends: unpickling it runs code."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


def test_a_stranger_who_connects_before_the_kernel_does_runs_nothing(
    classroom: Classroom, link: str, editor_cookie: str, tmp_path: Path
) -> None:
    """marimo's server waits for its kernel at a port, and unpickles what comes; the kernel takes seconds to come."""
    [process] = (child for child in psutil.Process(classroom.pid).children() if "edit" in child.cmdline())
    own_port = urlsplit(link).port
    socket_url = urlsplit(editor_socket(link.replace("01_read_a_layout", "02_harmonise_an_image")))
    visitor = HTTPConnection(socket_url.netloc, timeout=30)
    path = f"{socket_url.path}?{socket_url.query}".replace("s_door02", "s_door03")
    visitor.request("GET", path, headers={**HANDSHAKE, "Cookie": editor_cookie})
    ports, sent = set[int](), False
    give_up = time.monotonic() + 20
    while not sent and time.monotonic() < give_up:
        listening = (c for c in process.net_connections("tcp") if c.status == psutil.CONN_LISTEN)
        ports = {connection.laddr.port for connection in listening} - {own_port}
        for port in ports:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as stranger:
                content = pickle.dumps(WritesAFile(tmp_path / "written"))
                stranger.sendall(struct.pack("!i", len(content)) + content)
                sent = True
                time.sleep(3)
    visitor.close()
    assert sent, "no port of the editor was found, so this proves nothing"
    assert not (tmp_path / "written").exists()
