"""Login, logout, who am I, and a token for minutes: the routes that the security itself brings along."""

import html
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from twinward.errors import BadInput
from twinward.web.security.audit import plain
from twinward.web.security.guards import exchange, guard
from twinward.web.security.headers import FORM_POLICY
from twinward.web.security.roles import POLICY, Principal
from twinward.web.security.sessions import PURPOSES, from_cookies, safe_next, set_cookie
from twinward.web.security.users import TOKEN_MARK, User

if TYPE_CHECKING:
    from twinward.web.security.wiring import Security

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 22rem; margin: 12vh auto; padding: 0 1rem }
label { display: block; margin-top: 1rem; font-weight: 600 }
input, select, button { box-sizing: border-box; width: 100%; padding: .6rem; font: inherit; border-radius: 6px;
  border: 1px solid #767676 }
button { margin-top: 1.5rem; background: #0b5cad; color: #fff; border-color: #0b5cad; cursor: pointer }
:focus-visible { outline: 3px solid #f5a623; outline-offset: 2px }
[role=alert] { padding: .6rem; border-left: 4px solid #c62828; background: color-mix(in srgb, #c62828 12%, Canvas) }
"""


def login_page(target: str, message: str = "") -> str:
    """The form; works without scripts."""
    alert = f'<p role="alert">{html.escape(message)}</p>' if message else ""
    options = "".join(f'<option value="{code}">{text.capitalize()}</option>' for code, text in PURPOSES.items())
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in · Twinward</title><style>{_STYLE}</style></head><body><main>
<h1>Twinward</h1>{alert}
<form method="post" action="/login">
<label for="name">Name</label>
<input id="name" name="name" autocomplete="username" autocapitalize="none" autofocus>
<label for="secret">Password, or an access token (then without a name)</label>
<input id="secret" name="secret" type="password" autocomplete="current-password" required>
<label for="purpose">Why you look at patients' data</label>
<select id="purpose" name="purpose"><option value="">Not stated</option>{options}</select>
<input type="hidden" name="next" value="{html.escape(target)}">
<button>Log in</button>
</form></main></body></html>"""


def router(security: "Security") -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/login", include_in_schema=False)
    async def form(request: Request, next: str = "/") -> Response:
        if security.principal(request) is not None:
            return RedirectResponse(safe_next(next), 303)
        return _page(safe_next(next))

    @routes.post("/login", include_in_schema=False)
    async def login(request: Request) -> Response:
        return await _login(security, request)

    @routes.post("/logout", include_in_schema=False)
    async def logout(request: Request) -> Response:
        secure = request.url.scheme == "https"
        if secret := from_cookies(request.headers.get("cookie", ""), secure):
            exchange(request).action = "logout"
            security.sessions.close(secret)
        gone = {"set-cookie": set_cookie("", secure, 0), "clear-site-data": '"cache", "storage"'}
        return RedirectResponse("/login", 303, gone)

    @routes.get("/api/v1/me", tags=["security"])
    async def me(principal: Principal = Depends(guard("me.read"))) -> dict[str, Any]:
        """Who is asking, and what the policy grants."""
        return {
            "user": principal.who,
            "role": principal.role.label,
            "units": None if principal.units is None else sorted(principal.units),
            "names": principal.names,
            "purpose": principal.purpose,
            "permissions": sorted(permission for permission in POLICY if principal.may(permission)),
        }

    @routes.post("/api/v1/token", tags=["security"], status_code=201, responses={403: {"description": "Refused"}})
    async def token(request: Request, principal: Principal = Depends(guard("token.issue"))) -> dict[str, Any]:
        """A token that is good for a quarter of an hour, with the rights of the one who asks."""
        try:
            return {"token": security.short_lived.issue(principal), "token_type": "Bearer", "expires_in": 900}
        except BadInput as error:
            raise exchange(request).refused(403, str(error)) from None

    return routes


def _page(target: str, message: str = "", status: int = 200, wait_s: float = 0.0) -> Response:
    headers = {"content-security-policy": FORM_POLICY, "cache-control": "no-store"}
    if wait_s:
        headers["retry-after"] = str(int(wait_s) + 1)
    return HTMLResponse(login_page(target, message), status, headers)


async def _login(security: "Security", request: Request) -> Response:
    form = {key: values[0] for key, values in parse_qs((await request.body()).decode("utf-8", "replace")).items()}
    name, secret, target = form.get("name", "").strip()[:64], form.get("secret", ""), safe_next(form.get("next", "/"))
    seen = exchange(request)
    seen.action = "login"
    seen.principal, seen.who = None, ""  # whoever the browser was before
    guessed = "" if secret.startswith(TOKEN_MARK) else plain(name)
    if wait := security.guesses.wait(guessed, seen.address):
        return _page(target, f"Too many attempts. Try again in {int(wait) + 1} seconds.", 429, wait)
    user = await _proven(security, name, secret)
    if user is None:
        if security.users.exists(name):  # never what was typed otherwise: it may be a password in the wrong field
            seen.who = name
        return _page(target, "Name or password is wrong.", 401)
    security.guesses.succeeded(guessed, seen.address)
    try:
        secure = request.url.scheme == "https"
        before = from_cookies(request.headers.get("cookie", ""), secure)
        opened = security.sessions.open(user, form.get("purpose", ""), replaces=before)
    except BadInput as error:
        return _page(target, str(error), 400)
    seen.principal = user.principal("session", "", form.get("purpose", ""))
    seen.who, seen.purpose = user.name, seen.principal.purpose
    cookie = set_cookie(opened, secure, security.sessions.absolute_s)
    return RedirectResponse(target, 303, {"set-cookie": cookie, "cache-control": "no-store"})


async def _proven(security: "Security", name: str, secret: str) -> User | None:
    if not secret.startswith(TOKEN_MARK):
        return await security.check_password(name, secret)
    principal = security.users.by_token(secret.strip())
    if principal is None:
        return None
    user = security.users.user(principal.who)
    # A session has all the rights of its user: a token that is narrower must not open one.
    is_narrow = principal.feed or principal.only is not None or principal.role < user.role
    return None if is_narrow or name not in ("", user.name) else user
