"""Step 3: a museum that says 429 and 503, and a load that goes through all the same."""

from __future__ import annotations

from classroom.checks import EMPTY, Evidence, Names, StepCheck, WrongAnswer
from classroom.checks.follow_along.loaded import count, load, requests_of, total
from classroom.checks.follow_along.waiting import skipped_waits
from classroom.course.outcomes import CheckResult, failed, passed
from classroom.course.workspace import Workspace
from classroom.museum import Faults, start_museum

_CALL = "pipeline.run(polite_artworks(base_url))"
_FAULTS = Faults(requests_per_minute=4, minute_s=20.0, share_unavailable=0.25, seed=3)
"""Four requests in a minute of twenty seconds, and a quarter of them refused: six pages meet both. Nobody waits."""


def collect(names: Names, workspace: Workspace) -> Evidence:
    """Loads from a museum that refuses some requests, then from the same one when it refuses none."""
    polite_artworks = names["polite_artworks"]
    with skipped_waits() as clock, start_museum(faults=_FAULTS, clock=clock) as museum:
        problem = load(workspace, polite_artworks(museum.url))
        asked, first = requests_of(museum), count(workspace)
        if "InvalidResourceDataTypeIsNone" in problem:
            return EMPTY
        museum.set_faults()
        second_problem = problem or load(workspace, polite_artworks(museum.url))
        return {"problem": problem or second_problem, "first": first, "second": count(workspace), "asked": asked}


def judge(evidence: Evidence) -> CheckResult:
    """Wants all artworks in spite of everything, and none twice."""
    refused = sum(number for name, number in evidence["asked"].items() if name in ("status_429", "status_503"))
    if evidence["problem"]:
        return failed(
            "The museum refused for a moment, and the load gave up.",
            expected="a load that waits and asks again",
            actual=evidence["problem"],
            next_step="Give `RESTClient` a session of dlt's `Client`, which retries 429 and 5xx.",
            call=_CALL,
        )
    if evidence["first"]["artworks"] != total():
        return failed(
            "Artworks are missing: an answer that is no page was taken for the end.",
            expected=f"{total()} artworks",
            actual=f"{evidence['first']['artworks']} artworks, after {refused} refusals",
            next_step="A refusal is not an empty page: let the session ask again until it is a page.",
            call=_CALL,
        )
    if impatient := evidence["asked"]["impatient"]:
        return failed(
            "The museum said how long to wait, and was asked again before that.",
            expected="no request between a 429 and the end of its `Retry-After`",
            actual=f"{impatient} such {'request' if impatient == 1 else 'requests'}",
            next_step="The header `Retry-After` of a 429 has the seconds; dlt's `Client` waits as long as it says.",
            call=_CALL,
        )
    if evidence["second"]["rows"] != total():
        return failed(
            "Artworks are there twice after a second run.",
            expected=f"{total()} rows",
            actual=f"{evidence['second']['rows']} rows",
            next_step="Leave the resource's primary key and its merge as they were handed out.",
            call=f"{_CALL}, twice",
        )
    return passed(
        f"The museum refused {refused} times, and nothing is missing or twice. Retrying is safe because the load is "
        "idempotent: the key makes it so."
    )


_GET = "response = requests.get(url, headers=AGENT_HEADER, timeout=30)"
_LOOP = f"""
url = f"{{base_url}}/artworks?limit=100"
while url:
    {_GET}
    %s
    page = response.json()
    yield page["data"]
    url = page["pagination"].get("next_url")
"""

CHECK = StepCheck(
    collect,
    judge,
    wrong_answers=(
        WrongAnswer("no patience", _LOOP % "response.raise_for_status()", "the load gave up"),
        WrongAnswer(
            "asking again at once",
            _LOOP % f"while not response.ok:\n        {_GET}",
            "was asked again before that",
        ),
        WrongAnswer(
            "a wait of one's own",
            "import time\n" + _LOOP % f"while not response.ok:\n        time.sleep(2)\n        {_GET}",
            "was asked again before that",
        ),
        WrongAnswer(
            "a wait of one's own, and three tries",
            "import time\n"
            + _LOOP % f"for _ in range(3):\n        if not response.ok:\n            time.sleep(2)\n            {_GET}",
            "the load gave up",
        ),
        WrongAnswer(
            "longer and longer, and blind to Retry-After",
            "client = RESTClient(base_url, headers=AGENT_HEADER, paginator=JSONLinkPaginator('pagination.next_url'),\n"
            "    data_selector='data',\n"
            "    session=Client(request_max_attempts=10, respect_retry_after_header=False).session)\n"
            "yield from client.paginate('artworks', params={'limit': 100})",
            "was asked again before that",
        ),
        WrongAnswer("a refusal taken for the end", _LOOP % "if not response.ok: break", "Artworks are missing"),
        WrongAnswer(
            "one attempt",
            "client = RESTClient(base_url, headers=AGENT_HEADER, paginator=JSONLinkPaginator('pagination.next_url'),\n"
            "    data_selector='data', session=Client(request_max_attempts=1).session)\n"
            "yield from client.paginate('artworks', params={'limit': 100})",
            "the load gave up",
        ),
    ),
    demands=("as a generator", "All rows arrive, none twice", "`429`", "`Retry-After`", "`503`"),
)
