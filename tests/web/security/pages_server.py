"""A server with one page of NiceGUI behind the door, in a process of its own (NiceGUI keeps one application each).

Called with: home folder, port, and "hole" for a page that nobody guards.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from fastapi import Depends, FastAPI
from nicegui import ui

from twinward.journal.base import Access
from twinward.web.security import Role, Security, guard


async def forget(accesses: Sequence[Access]) -> None:
    """No trail here."""


def main(home: Path, port: int, has_hole: bool) -> None:
    """Serve until the process ends."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    security = Security(home, forget)

    @ui.page("/", dependencies=[Depends(guard("pages.view"))])
    def overview() -> None:
        principal = security.principal(ui.context.client.request)
        who = principal.who if principal is not None else "nobody"
        ui.label(f"on duty: {who}")
        count = ui.label("0")
        ui.button("add", on_click=lambda: count.set_text(str(int(count.text) + 1)))
        ui.echart({"xAxis": {"type": "category", "data": ["a"]}, "yAxis": {}, "series": [{"type": "bar", "data": [1]}]})

    @ui.page("/audit", dependencies=[Depends(guard("audit.read"))])
    def audit() -> None:
        ui.label("the trail")

    if has_hole:

        @ui.page("/forgotten")
        def forgotten() -> None:
            ui.label("everything")

    ui.run_with(app, title="Twinward", show_welcome_message=False)
    security.users.add("ada", Role.CLINICIAN, password="correct horse battery")
    security.users.add("admin", Role.ADMIN)
    security.install(app)
    uvicorn.run(app, **security.server_options("127.0.0.1", port), log_level="warning")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), "hole" in sys.argv[3:])
