"""Serve the pages over the fake centre, for the browser tests: python serve.py PORT [HOME].

With a home there is security at the door; the admin's token is in HOME/admin-token.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.responses import PlainTextResponse

sys.path.insert(0, str(Path(__file__).parent))

import fake

from twinward.journal.base import Access
from twinward.web.centre import install
from twinward.web.security import Doors, Security


async def forgotten(accesses: Sequence[Access]) -> None:
    """A trail that keeps nothing: what is written in it is tested elsewhere."""


def application(home: str = "") -> tuple[FastAPI, fake.FakeCentre]:
    """The pages, and routes with which a test changes what the centre says."""
    app, centre = FastAPI(), fake.FakeCentre()
    centre.latest(fake.TWIN)

    @app.post("/test/tick")
    async def tick(ed: int | None = None) -> PlainTextResponse:
        centre.tick(ed)
        return PlainTextResponse(str(centre.listeners))

    @app.post("/test/state")
    async def state(empty: bool = False, stale: bool = False) -> PlainTextResponse:
        centre.is_empty, centre.is_stale = empty, stale
        return PlainTextResponse("ok")

    if not home:
        install(app, centre)
        return app, centre
    security = Security(Path(home), forgotten, doors=Doors(public_under=("/test/",)))
    install(app, centre, security)
    security.install(app)
    return app, centre


if __name__ == "__main__":
    uvicorn.run(application(*sys.argv[2:])[0], host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
