"""A museum on this machine: a stand-in for the public API of the Art Institute of Chicago.

    from classroom.museum import Faults, start_museum

    with start_museum() as museum:
        requests.get(f"{museum.url}/artworks", params={"limit": 100}).json()
        museum.move_to(2)
        museum.set_faults(Faults(requests_per_minute=60))

Artworks, makers, places and pictures are generated, the same on every machine. Fields, order, pagination and errors
are the museum's own.
"""

from classroom.museum.faults import Faults
from classroom.museum.server import RunningMuseum, serve, start_museum

__all__ = ["Faults", "RunningMuseum", "serve", "start_museum"]
