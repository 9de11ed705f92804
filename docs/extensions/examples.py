"""Shows the examples of docstrings as code: `Example:` is a section of doctests, or of Python that is only shown."""

import re
import textwrap
from typing import Any

import griffe

_EXAMPLE = re.compile(r"^(?P<margin> *)Examples?:\n(?P<body>(?:(?P=margin) +\S.*\n?|\s*\n)+)", re.MULTILINE)


class Examples(griffe.Extension):
    """Rewrites docstrings before they are parsed."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """One module, class or function."""
        if obj.docstring is not None:
            obj.docstring.value = _EXAMPLE.sub(_as_code, obj.docstring.value + "\n").rstrip()


def _as_code(found: re.Match[str]) -> str:
    margin, body = found["margin"], textwrap.dedent(found["body"]).strip()
    if ">>>" not in body:
        body = f"```python\n{body}\n```"
    return f"{margin}Examples:\n{textwrap.indent(body, margin + '    ')}\n"
