"""What a server of this machine answers over TLS: pages and the assets that they name."""

import http.client
import re
import ssl
from dataclasses import dataclass


@dataclass
class Asset:
    target: str
    headers: dict  # of the request
    content: bytes  # as transferred


def fetch(port, target, headers=None):
    """The body of a 200 as transferred."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=context)
    connection.request("GET", target, headers={"Accept-Encoding": "identity", **(headers or {})})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    if response.status != 200:
        raise RuntimeError(f"GET {target}: {response.status}")
    return body


def asset_of_about(port, size):
    """Of those that the first page names, in each coding, the one whose transfer is nearest to so many bytes."""
    targets = set(re.findall(r'"(/static/[^"]+)"', fetch(port, "/").decode()))
    assets = [Asset(target, {"accept-encoding": coding}, fetch(port, target, {"Accept-Encoding": coding}))
              for target in sorted(targets) for coding in ("identity", "gzip", "br")]
    return min(assets, key=lambda asset: abs(len(asset.content) - size))
