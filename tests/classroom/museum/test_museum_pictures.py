"""The pictures behind the image ids."""

from __future__ import annotations

import io
import time

import numpy as np
import pytest
import requests
from conftest import Get
from PIL import Image

from classroom.museum import RunningMuseum
from classroom.museum.catalogue import make_catalogue
from classroom.museum.picture_cache import PictureCache
from classroom.museum.pictures import KINDS, WIDTHS_PX, draw_picture, encode_picture, picture_facts

# one image id of each kind, from the catalogue of day 1
ONE_OF_EACH = {picture_facts(image_id).kind: image_id for image_id in sorted(make_catalogue(1).image_ids)}


@pytest.fixture
def image_id(get: Get) -> str:
    return next(work["image_id"] for work in get().json()["data"] if work["image_id"])


def fetch(museum: RunningMuseum, path: str, **headers: str) -> requests.Response:
    return requests.get(f"{museum.iiif_url}/{path}", headers=headers, timeout=20)


@pytest.mark.parametrize("width", WIDTHS_PX)
def test_a_picture_is_a_jpeg_of_the_width_asked_for(museum: RunningMuseum, image_id: str, width: int) -> None:
    answer = fetch(museum, f"{image_id}/full/{width},/0/default.jpg")
    assert answer.headers["Content-Type"] == "image/jpeg"
    with Image.open(io.BytesIO(answer.content)) as image:
        image.load()
        assert (image.format, image.mode, image.width) == ("JPEG", "RGB", width)
        sizes = fetch(museum, f"{image_id}/info.json").json()["sizes"]
        assert {"width": image.width, "height": image.height} in sizes


def test_info_is_what_iiif_2_asks_for(museum: RunningMuseum, get: Get) -> None:
    work = next(work for work in get().json()["data"] if work["thumbnail"])
    info = fetch(museum, f"{work['image_id']}/info.json").json()
    assert info["@context"] == "http://iiif.io/api/image/2/context.json"
    assert info["@id"] == f"{museum.iiif_url}/{work['image_id']}"
    assert info["protocol"] == "http://iiif.io/api/image"
    assert info["profile"][0] == "http://iiif.io/api/image/2/level0.json"
    assert (info["width"], info["height"]) == (work["thumbnail"]["width"], work["thumbnail"]["height"])


def test_further_views_are_to_be_had(museum: RunningMuseum) -> None:
    views = next(work["alt_image_ids"] for work in make_catalogue(1).works if work["alt_image_ids"])
    assert fetch(museum, f"{views[0]}/full/200,/0/default.jpg").status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("{}/full/844,/0/default.jpg", 400),
        ("{}/full/full/0/default.jpg", 400),
        ("{}/full/,200/0/default.jpg", 400),
        ("{}/square/200,/0/default.jpg", 400),
        ("{}/full/200,/90/default.jpg", 400),
        ("{}/full/200,/0/default.png", 400),
        ("{}/full/200,/0/grey.jpg", 400),
        ("{}/full/200,/0", 404),
        ("{}", 404),
        ("no-such-image/full/200,/0/default.jpg", 404),
        ("00000000-0000-0000-0000-000000000000/info.json", 404),
        ("..%2F..%2Fetc/info.json", 404),
    ],
)
def test_other_pictures_are_refused(museum: RunningMuseum, image_id: str, path: str, status: int) -> None:
    assert fetch(museum, path.format(image_id)).status_code == status


def test_a_known_picture_is_not_sent_again(museum: RunningMuseum, image_id: str) -> None:
    path = f"{image_id}/full/200,/0/default.jpg"
    etag = fetch(museum, path).headers["ETag"]
    again = fetch(museum, path, **{"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert fetch(museum, path, **{"If-None-Match": '"other"'}).status_code == 200


def test_there_is_a_picture_of_every_kind() -> None:
    assert set(ONE_OF_EACH) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_is_worth_looking_at_and_always_the_same(kind: str) -> None:
    image = draw_picture(ONE_OF_EACH[kind])
    facts = picture_facts(ONE_OF_EACH[kind])
    assert image.size == (843, facts.height_px)
    assert 400 <= facts.height_px <= 1000
    pixels = np.asarray(image)
    assert pixels.reshape(-1, 3).std(axis=0).max() > 12
    assert np.array_equal(pixels, np.asarray(draw_picture(ONE_OF_EACH[kind])))


def test_two_pictures_differ() -> None:
    one, other = sorted(make_catalogue(1).image_ids)[:2]
    assert encode_picture(one, 200) != encode_picture(other, 200)


@pytest.mark.parametrize("kind", KINDS)
def test_drawing_is_quick(kind: str) -> None:
    durations = []
    for _ in range(3):
        began = time.process_time()
        encode_picture(ONE_OF_EACH[kind], 843)
        durations.append(time.process_time() - began)
    # measured at 20 to 50 ms; the allowance is for slower machines
    assert min(durations) < 0.25


def test_the_cache_draws_once_and_forgets_when_it_is_full() -> None:
    ids = sorted(make_catalogue(1).image_ids)[:3]
    sizes = [len(encode_picture(image_id, 200)) for image_id in ids]
    cache = PictureCache(capacity_bytes=sizes[1] + sizes[2])
    first = cache.find_or_draw(ids[0], 200)
    assert cache.find_or_draw(ids[0], 200) is first
    for image_id in ids[1:]:
        cache.find_or_draw(image_id, 200)
    assert cache.find(ids[0], 200) is None
    assert cache.find(ids[2], 200) is not None
