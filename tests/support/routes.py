"""Every route of the product, each with what it needs and a request that would be answered. locks_test.py tries them all, and fails when the
program has one that is not here: whoever adds a route says here who may use it."""
import dataclasses
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FORM = "application/x-www-form-urlencoded"
SECRET = "cellar"  # the sensor that a token for `garden` may not see
# A page of one's own that shows all there is, and asks for that sensor with each function.
PAGE = """{% set hidden = "cel" ~ "lar" %}
{% for sensor in sensors() %}<p title="{{ sensor.title }}">{{ sensor.name }} {{ sensor }} {{ latest(sensor) }}</p>
{% for field in sensor.fields %}{{ value(sensor, field) }}{{ latest(sensor, field) }}{{ gauge(sensor, field) }}{{ chart(sensor, field) }}{% endfor %}{% endfor %}
{{ latest(hidden, "t") }} {{ latest(hidden) }} {{ query(hidden, "t") }}
"""


@dataclasses.dataclass
class Route:
    method: str
    pattern: str
    need: str  # nobody, read, write, admin
    path: str = ""  # asked for; the pattern if it has no parameter
    body: str | None = None
    type: str | None = None
    page: bool = False  # for people: leads to the sign-in where a program gets 401
    form: bool = False  # proof of the session stands in the form, not in a header; tokens do not open it
    stream: bool = False

    def __post_init__(self):
        self.path = self.path or self.pattern

    def __str__(self):
        return f"{self.method} {self.pattern}" + (" " + self.body.partition("&")[0] if self.form and self.body else "")

    @property
    def headers(self):
        return {"Content-Type": self.type} if self.type else {}


def page(method, pattern, need, **more):
    return Route(method, pattern, need, page=True, **more)


def settings(pattern, body):
    return Route("POST", pattern, "admin", body=body, type=FORM, page=True, form=True)


ROUTES = [
    Route("POST", "/api/v1/measurements", "write", body=f"sensor={SECRET}&t=1", type=FORM),
    Route("POST", "/write", "write", body=f"{SECRET} t=1"),
    Route("POST", "/api/v2/write", "write", body=f"{SECRET} t=1"),
    Route("GET", "/api/v1/measurements", "read", path=f"/api/v1/measurements?sensor={SECRET}"),
    Route("DELETE", "/api/v1/measurements", "admin", path=f"/api/v1/measurements?sensor={SECRET}&from=0&to=1"),
    Route("POST", "/api/v1/undo", "admin", path="/api/v1/undo?undo=x"),
    Route("GET", "/chart.svg", "read", path=f"/chart.svg?sensor={SECRET}"),
    Route("GET", "/api/v1/query", "read", path=f"/api/v1/query?sensor={SECRET}&field=t&points=10"),
    Route("GET", "/api/v1/sensors", "read"),
    Route("GET", "/api/v1/latest", "read"),
    Route("GET", "/api/v1/status", "read"),
    Route("GET", "/metrics", "read"),
    Route("GET", "/events", "read", path=f"/events?sensor={SECRET}", stream=True),
    page("GET", "/", "read"),
    page("GET", "/sensors/{sensor}", "read", path=f"/sensors/{SECRET}"),
    page("GET", "/pages/{page}", "read", path="/pages/all"),
    page("POST", "/sensors/{sensor}", "admin", path=f"/sensors/{SECRET}", body="title=x", type=FORM, form=True),
    page("GET", "/connect", "admin", form=True),
    settings("/connect", "name=planted"),
    page("GET", "/logout", "nobody"),
    page("GET", "/status", "admin"),
    page("GET", "/settings", "admin"),
    page("GET", "/settings/backup.db", "admin"),
    settings("/settings/backup", ""),
    page("GET", "/settings/access", "admin", form=True),
    settings("/settings/access", "do=password&old=x&password=another+password&again=another+password"),
    settings("/settings/access", "do=token&name=planted&can=admin&only="),
    settings("/settings/access", "do=revoke&name=keep"),
    settings("/settings/access", "do=session&session=0123456789abcdef"),
    settings("/settings/access", "do=sessions"),
    page("POST", "/appearance", "nobody", body="language=en&theme=dark", type=FORM),
    page("GET", "/login", "nobody"),
    page("POST", "/login", "nobody", body="password=x&next=/", type=FORM),
    page("GET", "/setup", "nobody"),
    page("POST", "/setup", "nobody", body="token=x&password=another+password&again=another+password", type=FORM),
    page("POST", "/logout", "nobody", body="", type=FORM),
    Route("GET", "/ping", "nobody"),
    Route("POST", "/ping", "nobody"),
    Route("GET", "/health", "nobody"),
    Route("GET", "/healthz", "nobody"),
    Route("GET", "/authority.crt", "nobody"),
    Route("GET", "/static/{path*}", "nobody", path="/static/none.css"),
]


def routes_in_the_program():
    """Those of the owner's own socket are left out: whoever opens it owns the files beside it."""
    row = re.compile(r'\bMethod::(get|post|put|delete_|patch),\s*"(/[^"]*)"|\brouter\.(get|post)\(\s*"(/[^"]*)"')
    found = set()
    for path in [*ROOT.glob("src/web/**/*.cpp"), *ROOT.glob("src/cli/*.cpp")]:
        for a, b, c, d in row.findall(path.read_text()):
            found.add(((a or c).upper().rstrip("_"), b or d))
    return found
