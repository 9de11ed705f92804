"""Serve the pages over the fake centre, for the browser tests: python serve.py PORT."""

import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.responses import PlainTextResponse

sys.path.insert(0, str(Path(__file__).parent))

import fake

from twinward.web.centre import install


def application() -> tuple[FastAPI, fake.FakeCentre]:
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

    install(app, centre)
    return app, centre


if __name__ == "__main__":
    uvicorn.run(application()[0], host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
