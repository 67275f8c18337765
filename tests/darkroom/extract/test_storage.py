from __future__ import annotations

import io
import os
import shutil
import sys
import tarfile
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from trees import make_tar, make_tree, make_zip

from darkroom.errors import (
    ArchiveRefusedError,
    LayoutNotRecognisedError,
    RootError,
    RootNotFoundError,
    RootUnreadableError,
)
from darkroom.extract.storage import ArchiveLimits, Listing, local_path, open_storage
from darkroom.extract.storage.remote import modified_us, without_credentials
from darkroom.sample import Reason

FILES = {"bottle/train/good/000.png": b"one", "bottle/test/Prüf ling.PNG": b"two!", "readme.txt": b""}
MAKERS = {
    "tree": make_tree,
    "x.zip": make_zip,
    "x.tar": partial(make_tar, mode="w"),
    "x.tar.gz": make_tar,
    "x.tgz": make_tar,
    "x.tar.bz2": partial(make_tar, mode="w:bz2"),
    "x.tar.xz": partial(make_tar, mode="w:xz"),
}
needs_links = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")


def list_root(root: Path | str, limits: ArchiveLimits | None = None) -> Listing:
    with open_storage(root, limits=limits) as storage:
        return storage.files()


def reasons(listing: Listing) -> dict[str, Reason]:
    return {reject.file.path: reject.reason for reject in listing.rejects}


@pytest.mark.parametrize("name", MAKERS)
def test_every_storage_lists_and_reads_the_same(tmp_path: Path, name: str) -> None:
    root = MAKERS[name](tmp_path / name, FILES)
    with open_storage(root) as storage:
        listing = storage.files()
        storage.prepare([file.path for file in listing.files[:1]])
        with ThreadPoolExecutor(4) as pool:
            contents = list(pool.map(lambda file: storage.read(file.path), listing.files * 5))
    assert [file.path for file in listing.files] == sorted(FILES)
    assert [file.size_bytes for file in listing.files] == [len(FILES[path]) for path in sorted(FILES)]
    assert {file.root for file in listing.files} == {root.resolve().as_posix()} == {storage.root}
    assert contents == [FILES[path] for path in sorted(FILES)] * 5
    assert not listing.rejects
    assert storage.name == name.split(".")[0]


@pytest.mark.parametrize("name", MAKERS)
def test_a_path_that_is_not_there_is_an_os_error(tmp_path: Path, name: str) -> None:
    with open_storage(MAKERS[name](tmp_path / name, FILES)) as storage, pytest.raises(FileNotFoundError):
        storage.read("bottle/none.png")


def test_times_of_archives_are_taken_for_utc(tmp_path: Path) -> None:
    assert list_root(make_zip(tmp_path / "x.zip", FILES)).files[0].modified_us == 1_714_979_290_000_000
    assert list_root(make_tar(tmp_path / "x.tgz", FILES)).files[0].modified_us == 1_700_000_000_000_000


def test_temporary_files_are_gone_after_closing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    with open_storage(make_tar(tmp_path / "x.tar.gz", FILES)) as storage:
        storage.prepare(FILES)
        assert len(list((tmp_path / "temporary").rglob("*-*"))) > len(FILES)
    assert not list((tmp_path / "temporary").iterdir())


@needs_links
def test_links_are_followed_and_circles_end(tmp_path: Path) -> None:
    make_tree(tmp_path, ["root/a/1.png", "pool/2.png", "pool/deep/3.png"])
    root = tmp_path / "root"
    (root / "circle").symlink_to(root)
    (root / "a" / "up").symlink_to("..")
    (root / "linked").symlink_to(tmp_path / "pool")
    (root / "again").symlink_to(tmp_path / "pool" / "deep")
    (root / "a" / "4.png").symlink_to(tmp_path / "pool" / "2.png")
    (tmp_path / "pool" / "back").symlink_to(root)
    (root / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (root / "self.png").symlink_to("self.png")
    listing = list_root(root)
    assert {"a/1.png", "linked/2.png", "again/3.png", "a/4.png"} <= {file.path for file in listing.files}
    assert listing.identities["a/4.png"] == listing.identities["linked/2.png"]
    assert reasons(listing) == {
        "gone.png": Reason.DANGLING_SYMLINK,
        "self.png": Reason.DANGLING_SYMLINK,
    }
    assert {reject.file.size_bytes for reject in listing.rejects} == {0}


@needs_links
def test_links_that_cross_do_not_multiply(tmp_path: Path) -> None:
    names = [f"f{number}" for number in range(9)]
    make_tree(tmp_path, [f"{name}/1.png" for name in names])
    for name in names:
        for other in names:
            (tmp_path / name / f"to_{other}").symlink_to(tmp_path / other)
    assert len(names) <= len(list_root(tmp_path).files) <= 2 * len(names)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names of any bytes")
def test_names_that_are_no_utf8_can_be_stored_and_read(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/gr\xf6\xdfer"
    Path(os.fsdecode(folder)).mkdir()
    Path(os.fsdecode(folder + b"/\xe4.png")).write_bytes(b"pixels")
    with open_storage(tmp_path) as storage:
        (file,) = storage.files().files
        assert file.path.encode("utf-8") == rb"gr\udcf6\udcdfer/\udce4.png"
        assert storage.read(file.path) == b"pixels"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_is_rejected_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    assert reasons(list_root(tmp_path)) == {"pipe.png": Reason.UNREADABLE}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("mode", [0o000, 0o444])
def test_a_folder_that_may_not_be_listed_stops_the_run(tmp_path: Path, mode: int) -> None:
    make_tree(tmp_path, ["a/1.png", "b/2.png"])
    (tmp_path / "a").chmod(mode)
    try:
        with pytest.raises(RootUnreadableError, match=r"/a cannot be listed"):
            list_root(tmp_path)
    finally:
        (tmp_path / "a").chmod(0o700)


def test_a_folder_that_fails_to_list_is_never_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tree(tmp_path, ["a/1.png", "b/2.png"])
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("/b"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("os.scandir", refuse)
    with pytest.raises(RootUnreadableError, match=r"/b cannot be listed .*look deleted"):
        list_root(tmp_path)


def test_roots_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(RootNotFoundError, match="nowhere"):
        open_storage(tmp_path / "nowhere")
    with pytest.raises(RootNotFoundError, match=r"nowhere\.zip"):
        open_storage(f"file://{tmp_path.as_posix()}/nowhere.zip")
    with pytest.raises(LayoutNotRecognisedError, match="single file"):
        open_storage(make_tree(tmp_path, {"one.png": b"pixels"}) / "one.png")


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("file:///a/b%20c", "/a/b c"),
        ("file:///C:/images/x.zip", "C:/images/x.zip"),
        ("file://C:/images", "C:/images"),
        ("file://localhost/a", "/a"),
        ("file://server/share/a", "//server/share/a"),
        (r"C:\images", r"C:\images"),
        ("relative/100%25", "relative/100%25"),
    ],
)
def test_file_urls(address: str, path: str) -> None:
    assert local_path(address) == path


def test_a_file_url_is_the_folder_itself(tmp_path: Path) -> None:
    make_tree(tmp_path / "a b", FILES)
    with open_storage((tmp_path / "a b").as_uri()) as by_url, open_storage(tmp_path / "a b") as by_path:
        assert by_url.root == by_path.root
        assert by_url.files() == by_path.files()


def add_tar_member(tar: tarfile.TarFile, name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> None:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    tar.addfile(member, io.BytesIO())


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_tar_members_that_leave_their_folder_or_are_links(tmp_path: Path, mode: str) -> None:
    with tarfile.open(tmp_path / "x.tar", mode) as tar:  # type: ignore[call-overload]
        add_tar_member(tar, "./a//./fine.png")
        add_tar_member(tar, "../../evil.png")
        add_tar_member(tar, "a/../../evil2.png")
        add_tar_member(tar, "/etc/evil.png")
        add_tar_member(tar, "C:\\evil.png")
        add_tar_member(tar, "a/soft.png", tarfile.SYMTYPE, "/etc/passwd")
        add_tar_member(tar, "a/hard.png", tarfile.LNKTYPE, "a/fine.png")
        add_tar_member(tar, "a/device.png", tarfile.CHRTYPE)
        add_tar_member(tar, "a/pipe.png", tarfile.FIFOTYPE)
        add_tar_member(tar, "a", tarfile.DIRTYPE)
    listing = list_root(tmp_path / "x.tar")
    assert [file.path for file in listing.files] == ["a/fine.png"]
    assert len(listing.rejects) == 8
    assert set(reasons(listing).values()) == {Reason.UNSAFE_MEMBER}


def test_unsafe_tar_members_are_not_unpacked_either(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "x.tar.gz", "w:gz") as tar:
        add_tar_member(tar, "link.png", tarfile.SYMTYPE, "/etc/passwd")
        add_tar_member(tar, "../evil.png")
    with open_storage(tmp_path / "x.tar.gz") as storage:
        paths = [reject.file.path for reject in storage.files().rejects]
        storage.prepare(paths)
        assert len(paths) == 2
        for path in paths:
            with pytest.raises(FileNotFoundError):
                storage.read(path)
    assert not list(tmp_path.rglob("evil*"))


def test_zip_members_that_leave_their_folder_or_are_links(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "x.zip", ["a/fine.png", "../evil.png", "/abs.png", "a\\..\\..\\e.png", "C:/e.png"])
    with zipfile.ZipFile(archive, "a") as target:
        link = zipfile.ZipInfo("a/link.png")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        target.writestr(link, "/etc/passwd")
        target.writestr("win\\style.png", b"")
    listing = list_root(archive)
    assert [file.path for file in listing.files] == ["a/fine.png", "win/style.png"]
    assert len(listing.rejects) == 5
    assert set(reasons(listing).values()) == {Reason.UNSAFE_MEMBER}


@pytest.mark.parametrize("name", ["x.zip", "x.tar.gz", "x.tar.xz"])
def test_bombs_are_refused(tmp_path: Path, name: str) -> None:
    bomb = MAKERS[name](tmp_path / name, {f"{number}.png": bytes(3_000_000) for number in range(2)})
    limits = ArchiveLimits(total_bytes=5_000_000)
    with pytest.raises(ArchiveRefusedError, match="bomb"):
        list_root(bomb, limits)
    assert len(list_root(bomb, ArchiveLimits(total_bytes=6_000_000)).files) == 2
    assert len(list_root(bomb, ArchiveLimits(total_bytes=0, expansion=100_000)).files) == 2


@pytest.mark.parametrize("name", ["x.zip", "x.tar", "x.tar.gz"])
def test_a_single_large_member_is_rejected(tmp_path: Path, name: str) -> None:
    archive = MAKERS[name](tmp_path / name, {"big.png": bytes(3000), "small.png": bytes(2000)})
    listing = list_root(archive, ArchiveLimits(member_bytes=2000))
    assert [file.path for file in listing.files] == ["small.png"]
    assert reasons(listing) == {"big.png": Reason.TOO_LARGE}
    assert listing.rejects[0].file.size_bytes == 3000


def test_a_tar_header_that_claims_all_memory_is_refused(tmp_path: Path) -> None:
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 1 << 32
    (tmp_path / "x.tar").write_bytes(header.tobuf(tarfile.USTAR_FORMAT) + bytes(10_240))
    with pytest.raises(ArchiveRefusedError, match="claims"):
        list_root(tmp_path / "x.tar")


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_STORED])
def test_a_zip_that_lies_about_a_size_gives_no_more_than_it_declares(tmp_path: Path, method: int) -> None:
    content, declared = bytes(300_000), 1000
    with zipfile.ZipFile(tmp_path / "x.zip", "w", method) as target:
        target.writestr("liar.png", content)
    lie = (tmp_path / "x.zip").read_bytes().replace(len(content).to_bytes(4, "little"), declared.to_bytes(4, "little"))
    (tmp_path / "x.zip").write_bytes(lie)
    with open_storage(tmp_path / "x.zip") as storage:
        assert storage.files().files[0].size_bytes == declared
        with pytest.raises(OSError, match=r"damaged|declares"):
            storage.read("liar.png")


@pytest.mark.parametrize("name", MAKERS)
def test_a_large_file_is_read_whole(tmp_path: Path, name: str) -> None:
    content = os.urandom(2_500_000)  # more than two of the pieces it is copied in
    with open_storage(MAKERS[name](tmp_path / name, {"large.bmp": content})) as storage:
        assert storage.read(storage.files().files[0].path) == content


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    archive = bytearray(make_zip(tmp_path / "x.zip", FILES).read_bytes())
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        position = -1
        while (position := archive.find(magic, position + 1)) >= 0:
            archive[position + offset] |= 1
    (tmp_path / "x.zip").write_bytes(archive)
    with pytest.raises(ArchiveRefusedError, match="encrypted"):
        list_root(tmp_path / "x.zip")


@pytest.mark.parametrize("name", [name for name in MAKERS if name != "tree"])
@pytest.mark.parametrize("kept", [0.0, 0.3, 0.6, 0.97])
def test_truncated_archives_are_refused(tmp_path: Path, name: str, kept: float) -> None:
    files = {f"{number}.png": os.urandom(3000) for number in range(20)}
    whole = MAKERS[name](tmp_path / name, files).read_bytes()
    # a plain tar ends with padding: only what comes before its end mark can be missed
    size = len(whole.rstrip(b"\0")) if name == "x.tar" else len(whole)
    (tmp_path / name).write_bytes(whole[: int(size * kept)])
    with pytest.raises(ArchiveRefusedError):
        list_root(tmp_path / name)


def test_a_tar_cut_between_members_is_refused(tmp_path: Path) -> None:
    whole = make_tar(tmp_path / "x.tar", {"1.png": bytes(512), "2.png": bytes(512)}, "w").read_bytes()
    (tmp_path / "x.tar").write_bytes(whole[:1024])
    with pytest.raises(ArchiveRefusedError, match="end mark"):
        list_root(tmp_path / "x.tar")


@pytest.mark.parametrize("name", ["x.zip", "x.tar.gz"])
def test_a_flipped_byte_is_found(tmp_path: Path, name: str) -> None:
    archive = MAKERS[name](tmp_path / name, {"1.png": os.urandom(5000)})
    content = bytearray(archive.read_bytes())
    content[2500] ^= 0xFF
    archive.write_bytes(content)
    with pytest.raises((OSError, ArchiveRefusedError), match="damaged"), open_storage(archive) as storage:
        storage.files()
        storage.read("1.png")


def test_zip_names_that_are_no_utf8_survive(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "x.zip", {"graesser.png": b"pixels"})
    archive.write_bytes(archive.read_bytes().replace(b"graesser", b"gr\x84\xe1\xff.er"))
    with open_storage(archive) as storage:
        (file,) = storage.files().files
        assert storage.read(file.path) == b"pixels"
        assert file.path.startswith("grä")


def test_the_later_of_two_members_with_one_path_counts(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "x.tar", "w") as tar:
        for content in (b"old", b"newer"):
            member = tarfile.TarInfo("1.png")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    with open_storage(tmp_path / "x.tar") as storage:
        assert [file.size_bytes for file in storage.files().files] == [5]
        assert storage.read("1.png") == b"newer"


def test_a_bucket_is_read_like_a_folder(s3_bucket) -> None:
    url = s3_bucket({f"plant/{path}": content for path, content in FILES.items()} | {"other.png": b"", "plant/": b""})
    before_us = (time.time() - 3600) * 1_000_000
    with open_storage(f"{url}/plant/") as storage:
        listing = storage.files()
        assert storage.root == f"{url}/plant"
        assert storage.name == "plant"
        assert [file.path for file in listing.files] == sorted(FILES)
        assert [file.size_bytes for file in listing.files] == [len(FILES[path]) for path in sorted(FILES)]
        assert all(file.modified_us > before_us for file in listing.files)
        with ThreadPoolExecutor(4) as pool:
            contents = list(pool.map(storage.read, sorted(FILES) * 3))
        assert contents == [FILES[path] for path in sorted(FILES)] * 3
        with pytest.raises(FileNotFoundError):
            storage.read("none.png")


def test_a_file_put_into_a_bucket_later_is_listed(s3_bucket) -> None:
    url = s3_bucket({"a/1.png": b"1"})
    assert len(list_root(url).files) == 1
    s3_bucket({"a/2.png": b"2"})
    assert len(list_root(url).files) == 2


def test_an_archive_in_a_bucket(s3_bucket, tmp_path: Path) -> None:
    url = s3_bucket({"in/x.tar.gz": make_tar(tmp_path / "x.tar.gz", FILES).read_bytes()})
    with open_storage(f"{url}/in/x.tar.gz") as storage:
        assert storage.root == f"{url}/in/x.tar.gz"
        assert [file.path for file in storage.files().files] == sorted(FILES)
        storage.prepare(FILES)
        assert storage.read("bottle/train/good/000.png") == b"one"


def test_buckets_and_keys_that_are_not_there(s3_bucket) -> None:
    url = s3_bucket({"a/1.png": b"1"})
    for missing in (f"{url}/nowhere", "s3://no-such-bucket/a", f"{url}/nowhere.zip"):
        with pytest.raises(RootNotFoundError, match="There is nothing at"):
            list_root(missing)


def test_an_endpoint_that_does_not_answer(s3_bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    url = s3_bucket({})
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    from s3fs import S3FileSystem

    S3FileSystem.clear_instance_cache()
    monkeypatch.setattr(S3FileSystem, "retries", 1)
    with pytest.raises(RootUnreadableError, match="Check the address"):
        list_root(url)


@pytest.fixture
def web_server(tmp_path: Path):
    (tmp_path / "www").mkdir()
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path / "www"))
    handler.func.log_message = lambda *_: None  # type: ignore[attr-defined]
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", tmp_path / "www"
    server.shutdown()
    server.server_close()


def test_an_archive_on_a_web_server(web_server) -> None:
    url, folder = web_server
    make_zip(folder / "x.zip", FILES)
    with open_storage(f"{url}/x.zip?token=secret") as storage:
        assert storage.root == f"{url}/x.zip"
        assert storage.name == "x"
        assert [file.path for file in storage.files().files] == sorted(FILES)
        assert storage.read("bottle/train/good/000.png") == b"one"
    shutil.copy(folder / "x.zip", folder / "download")
    assert len(list_root(f"{url}/download").files) == len(FILES)
    with pytest.raises(RootNotFoundError):
        open_storage(f"{url}/none.zip")
    make_tree(folder, {"page": b"<html>not an archive</html>"})
    with pytest.raises(LayoutNotRecognisedError):
        open_storage(f"{url}/page")


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    import fsspec

    fsspec.get_filesystem_class("s3").clear_instance_cache()
    monkeypatch.delitem(sys.modules["fsspec.registry"]._registry, "s3")  # the module, not the mapping in it
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(RootError, match=r'uv sync --extra s3` or `pip install "darkroom-classroom\[s3\]"'):
        open_storage("s3://bucket/folder")


def test_an_unknown_protocol() -> None:
    with pytest.raises(RootError, match="no storage is called nonsense://"):
        open_storage("nonsense://bucket/folder")


def test_a_root_keeps_no_secret() -> None:
    assert without_credentials("https://me:word@host:1/a/x.zip?X-Amz-Signature=1#f") == "https://host:1/a/x.zip"
    assert without_credentials("s3://bucket/a/") == "s3://bucket/a"


def test_times_of_every_kind_of_bucket() -> None:
    assert modified_us({"mtime": 1.5}) == 1_500_000
    assert modified_us({"updated": "1970-01-01T00:00:02Z"}) == 2_000_000
    assert modified_us({"LastModified": None, "updated": "yesterday"}) == 0
    assert modified_us({}) == 0
