"""The headers that tell a browser what our answers may do."""

# NiceGUI 3 writes an import map and module scripts into the page and builds handlers and templates from text
# (nicegui.js: eval, new Function; Vue compiles templates): both 'unsafe-*' sources are needed, and everything that
# would make them matter is closed: no script from elsewhere, nothing sent elsewhere, no foreign frames or bases.
PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; connect-src 'self'; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
FORM_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_YEARS_S = 2 * 365 * 86400  # hstspreload.org asks for a year, and recommends two

Headers = list[tuple[bytes, bytes]]


def common(secure: bool) -> Headers:
    """Those of every answer.

    Args:
        secure: whether it goes over TLS.
    """
    values = {
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        # Not "no-referrer": with that, browsers send `Origin: null` with our own forms.
        "referrer-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=()",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }
    if secure:
        values["strict-transport-security"] = f"max-age={_YEARS_S}"
    return [(name.encode(), value.encode()) for name, value in values.items()]
