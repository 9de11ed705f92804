"""Safe by default: who is asking, what they may do, and a trail of what they did.

security = Security(home, record, hosts=("twin.hospital.example",), tls=Tls(certificate, key))
security.install(app)                                   # last, when all other middleware is there

@app.get("/api/v1/twins/{twin}")
async def twin(request: Request, twin: str, principal: Principal = Depends(guard("twins.read"))): ...
"""

from twinward.web.security.audit import Exchange
from twinward.web.security.guards import Doors, Unguarded, exchange, filled, guard, guarded, matrix, routes, unguarded
from twinward.web.security.limits import Rate, Rates
from twinward.web.security.redaction import Redaction, redact
from twinward.web.security.roles import POLICY, Principal, Role
from twinward.web.security.tls import Tls, check_binding
from twinward.web.security.users import Users
from twinward.web.security.wiring import Security, open_users

__all__ = [
    "POLICY",
    "Doors",
    "Exchange",
    "Principal",
    "Rate",
    "Rates",
    "Redaction",
    "Role",
    "Security",
    "Tls",
    "Unguarded",
    "Users",
    "check_binding",
    "exchange",
    "filled",
    "guard",
    "guarded",
    "matrix",
    "open_users",
    "redact",
    "routes",
    "unguarded",
]
