"""HTTP/1.1 byte by byte: what a server in front could read otherwise is refused, and nothing hidden in it is answered.

Each case is sent with a good request behind it. Refused: one answer, then the connection is closed. Taken: both are answered.
Sections are RFC 9112's (HTTP/1.1) unless they say otherwise; 9110 is HTTP's semantics."""
import re
import socket

import pytest

from pomiar import Server, free_port

HOST = "Host: localhost\r\n"
NEXT = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
HIDDEN = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module")
def port():
    plain = free_port()
    with Server(auth_public="true", server_plain=f"127.0.0.1:{plain}", server_header_timeout="3s", server_body_timeout="3s"):
        yield plain


def exchange(port, request):
    """All that comes back until the server closes."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=15) as wire:
        try:
            wire.sendall(request)
        except OSError:
            pass  # it need not read on after an answer
        try:
            while got := wire.recv(65536):
                received += got
        except ConnectionResetError:
            pass
    return received


def statuses(port, request):
    request = request if isinstance(request, bytes) else request.encode("latin-1")
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", exchange(port, request + NEXT))]


def get(headers=HOST, target="/healthz", method="GET", version="HTTP/1.1"):
    return f"{method} {target} {version}\r\n{headers}\r\n"


def post(headers, body=""):
    """POST /ping takes a small body and answers 204."""
    return f"POST /ping HTTP/1.1\r\n{HOST}{headers}\r\n\r\n{body}"


def chunked(body):
    return post("Transfer-Encoding: chunked", body)


def with_length(value, body="abcde"):
    return post(f"Content-Length:{value}", body)


REFUSED = {
    # How long a body is (6.1 to 6.3): every doubt is an attack.
    "6.1 length and chunked": (post("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n" + HIDDEN), 400),
    "6.1 chunked and length": (post("Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n" + HIDDEN), 400),
    "6.1 chunked in HTTP/1.0": ("POST /ping HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN, 400),
    "6.1 an unknown coding": (post("Transfer-Encoding: xchunked", HIDDEN), (400, 501)),
    "6.1 identity": (post("Transfer-Encoding: identity", HIDDEN), (400, 501)),
    "6.1 identity after chunked": (post("Transfer-Encoding: chunked, identity", "0\r\n\r\n" + HIDDEN), (400, 501)),
    "6.1 gzip before chunked": (post("Transfer-Encoding: gzip, chunked", "0\r\n\r\n" + HIDDEN), 501),
    "6.1 chunked twice": (post("Transfer-Encoding: chunked, chunked", "0\r\n\r\n" + HIDDEN), (400, 501)),
    "6.1 chunked in two fields": (post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n" + HIDDEN), 400),
    "6.1 identity in another field": (post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "0\r\n\r\n" + HIDDEN), 400),
    "6.1 chunked in another field": (post("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", "0\r\n\r\n" + HIDDEN),
                                     (400, 501)),
    "6.1 an empty coding": (post("Transfer-Encoding:", HIDDEN), (400, 501)),
    "6.1 chunked in quotes": (post('Transfer-Encoding: "chunked"', "0\r\n\r\n" + HIDDEN), (400, 501)),
    "6.1 chunked with a parameter": (post("Transfer-Encoding: chunked;q=1", "0\r\n\r\n" + HIDDEN), (400, 501)),
    "6.1 chunked behind a vertical tab": (post("Transfer-Encoding: \x0bchunked", "0\r\n\r\n" + HIDDEN), (400, 501)),
    "6.3 two lengths": (post("Content-Length: 5\r\nContent-Length: 6", "abcde" + HIDDEN), 400),
    "6.3 one length twice": (post("Content-Length: 5\r\nContent-Length: 5", "abcde"), 400),
    "6.3 a list of lengths": (with_length(" 5,5"), 400),
    "6.3 a length with a sign": (with_length(" +5"), 400),
    "6.3 a negative length": (with_length(" -5"), 400),
    "6.3 a length in hexadecimal": (with_length(" 0x5"), 400),
    "6.3 a length with a fraction": (with_length(" 5.0"), 400),
    "6.3 a length with a space": (with_length(" 5 5"), 400),
    "6.3 a length with words": (with_length(" 5 bytes"), 400),
    "6.3 an empty length": (with_length(""), 400),
    "6.3 a length past 64 bits": (with_length(" 18446744073709551616"), 400),
    "6.3 a length of 64 bits": (with_length(" 18446744073709551615"), 413),
    "6.3 a length past the limit": (with_length(" 5000"), 413),
    # Chunks (7.1).
    "7.1 a size past 64 bits": (chunked("10000000000000005\r\nabcde\r\n0\r\n\r\n"), 400),
    "7.1 a size of 64 bits": (chunked("ffffffffffffffff\r\nabcde\r\n0\r\n\r\n"), 413),
    "7.1 a size with 0x": (chunked("0x5\r\nabcde\r\n0\r\n\r\n"), 400),
    "7.1 a negative size": (chunked("-5\r\nabcde\r\n0\r\n\r\n"), 400),
    "7.1 a size with a sign": (chunked("+5\r\nabcde\r\n0\r\n\r\n"), 400),
    "7.1 a space before a size": (chunked(" 5\r\nabcde\r\n0\r\n\r\n"), 400),
    "7.1 no size": (chunked("\r\nabcde\r\n0\r\n\r\n"), 400),
    "7.1 a size that is a word": (chunked("five\r\nabcde\r\n0\r\n\r\n"), 400),
    "7.1 a size that ends by LF": (chunked("5\nabcde\r\n0\r\n\r\n"), 400),
    "7.1 no CRLF after a chunk": (chunked("5\r\nabcde0\r\n\r\n" + HIDDEN), 400),
    "7.1 LF after a chunk": (chunked("5\r\nabcde\n0\r\n\r\n"), 400),
    "7.1 a chunk longer than its size": (chunked("4\r\nabcde\r\n0\r\n\r\n"), 400),
    "7.1.1 a huge extension": (chunked("5;" + "x" * 5000 + "\r\nabcde\r\n0\r\n\r\n"), 400),
    "7.1.1 many extensions": (chunked(("1;x=" + "y" * 100 + "\r\na\r\n") * 50 + "0\r\n\r\n"), 400),
    "7.1.1 LF in an extension": (chunked("5;x\n\r\nabcde\r\n0\r\n\r\n"), 400),
    "7.1.2 a folded trailer": (chunked("0\r\nX: a\r\n b\r\n\r\n"), 400),
    "7.1.2 a trailer that ends by LF": (chunked("0\r\nX: a\n\r\n"), 400),
    "7.1.2 trailers that end by LF": (chunked("0\r\n\n" + HIDDEN), 400),
    "7.1.2 a trailer with a space before its colon": (chunked("0\r\nX : a\r\n\r\n"), 400),
    "7.1.2 trailers past the limit": (chunked("0\r\n" + "X: y\r\n" * 5000 + "\r\n"), 431),
    # Lines (2.2, 5.1, 5.2).
    "5.2 a folded line": (get(HOST + "X: a\r\n b\r\n"), 400),
    "5.2 a line folded by a tab": (get(HOST + "X: a\r\n\tb\r\n"), 400),
    "5.2 a folded length": (post("Content-Length:\r\n 5", "abcde"), 400),
    "5.2 a folded coding": (post("Transfer-Encoding:\r\n chunked", "0\r\n\r\n" + HIDDEN), 400),
    "2.2 a space before the first field": (get(" X: a\r\n" + HOST), 400),
    "2.2 CR alone": (get("X: a\rY: b\r\n" + HOST), 400),
    "2.2 CR CR LF": (get("X: a\r\r\n" + HOST), 400),
    "2.2 CR in the request line": (f"GET /healthz\r HTTP/1.1\r\n{HOST}\r\n", 400),
    "2.2 LF alone after a field": (get("X: a\n" + HOST), 400),
    "2.2 LF alone after the request line": (f"GET /healthz HTTP/1.1\n{HOST}\r\n", 400),
    "2.2 LF alone at the end of a head": (f"GET /healthz HTTP/1.1\r\n{HOST}\n", 400),
    "2.2 LF alone throughout": ("GET /healthz HTTP/1.1\nHost: localhost\n\n", 400),
    "2.2 LF before a request": ("\n" + get(), 400),
    "5.1 a space before a colon": (get("Host : localhost\r\n"), 400),
    "5.1 a tab before a colon": (post("Content-Length\t: 5", "abcde"), 400),
    "5.1 a line without a colon": (get(HOST + "X\r\n"), 400),
    "5.1 a name that is empty": (get(HOST + ": a\r\n"), 400),
    "5.1 a name with a space": (get(HOST + "X Y: a\r\n"), 400),
    "5.1 a name with a bracket": (get(HOST + "X[Y]: a\r\n"), 400),
    "5.1 a name with a NUL": (get(HOST + "X\0: a\r\n"), 400),
    "5.1 a name with a byte past ASCII": (get(HOST + "X\xe4: a\r\n"), 400),
    "9110 5.5 a value with a NUL": (get(HOST + "X: a\0b\r\n"), 400),
    "9110 5.4 a line of 1 MB": (get(HOST + "X: " + "a" * 1_000_000 + "\r\n"), 431),
    "9110 5.4 a name of 1 MB": (get(HOST + "X" * 1_000_000 + ": a\r\n"), 431),
    "9110 5.4 10,000 lines": (get(HOST + "X: a\r\n" * 10_000), 431),
    "9110 5.4 101 lines": (get(HOST + "X: a\r\n" * 100), 431),
    # The request line (3).
    "3 two spaces before the target": (f"GET  /healthz HTTP/1.1\r\n{HOST}\r\n", 400),
    "3 two spaces after the target": (f"GET /healthz  HTTP/1.1\r\n{HOST}\r\n", 400),
    "3 a space at the end": (f"GET /healthz HTTP/1.1 \r\n{HOST}\r\n", 400),
    "3 a space at the start": (" " + get(), 400),
    "3 a tab between": (f"GET\t/healthz HTTP/1.1\r\n{HOST}\r\n", 400),
    "3 a space in the target": (get(target="/a b"), 400),
    "3 a NUL in the target": (get(target="/a\0b"), 400),
    "3 a byte past ASCII in the target": (get(target="/\xe4"), 400),
    "3 a fragment": (get(target="/healthz#x"), 400),
    "3 a target past the limit": (get(target="/" + "a" * 9000), 414),
    "3 a target of 1 MB": (get(target="/" + "a" * 1_000_000), 414),
    "3.1 a method in small letters": (get(method="get"), 501),
    "3.1 an unknown method": (get(method="BREW"), 501),
    "3.1 a known method and more": (get(method="GETS"), 501),
    "3.1 a method of 1 MB": (get(method="G" * 1_000_000), (431, 501)),
    "3.1 no method": (f" /healthz HTTP/1.1\r\n{HOST}\r\n", 400),
    "3.1 TLS": ("\x16\x03\x01\x02\x01\x01\xfc\x03\x03", 400),
    "3.2.3 a target that is an authority": (get(target="localhost:80"), 400),
    "3.2.4 an asterisk for GET": (get(target="*"), 400),
    "3.2.2 a target of another scheme": (get(target="ftp://localhost/healthz"), 400),
    "3.2.2 a target with a user": (get(target="http://a@localhost/healthz"), 400),
    "3.2.2 a target without a host": (get(target="http:///healthz"), 400),
    "3.2 no slash": (get(target="healthz"), 400),
    "9110 9.3.6 CONNECT": (get(method="CONNECT", target="localhost:80"), 501),
    "2.3 HTTP/1.2": (get(version="HTTP/1.2"), 505),
    "2.3 HTTP/2.0": (get(version="HTTP/2.0"), 505),
    "2.3 HTTP/3.0": (get(version="HTTP/3.0"), 505),
    "2.3 HTTP/0.9": (get(version="HTTP/0.9"), 505),
    "2.3 HTTP/01.1": (get(version="HTTP/01.1"), (400, 505)),
    "2.3 HTTP/1.": (get(version="HTTP/1."), (400, 505)),
    "2.3 http/1.1": (get(version="http/1.1"), 400),
    "2.3 no version": ("GET /healthz\r\n", 400),
    "2.3 half a preface of HTTP/2": ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\r", (400, 505)),
    # Who is asked (3.2, 9110 7.2).
    "3.2 no Host": (get(""), 400),
    "3.2 two Hosts": (get(HOST + "Host: b\r\n"), 400),
    "3.2 one Host twice": (get(HOST + HOST), 400),
    **{f"3.2 the Host {host!r}": (get(f"Host: {host}\r\n"), 400) for host in
       ("", "a b", "a/b", "a@b", "a,b", "a?b", "a#b", "a\\b", "[::1", "::1", "[]", "[::g]", "a:b", "a:80:80", "a:99999", ":80", "a\tb",
        "http://a", "\xe4", "a%00b", "<a>")},
    "3.2 no Host beside a whole target": (get("", target="http://localhost/healthz"), 400),
}

TAKEN = {
    "6.2 a length": (with_length(" 5"), 204),
    "6.2 a length with zeros": (with_length(" 0005"), 204),
    "6.2 a length between a tab and a space": (with_length("\t5 "), 204),
    "6.1 CHUNKED": (post("Transfer-Encoding: CHUNKED", "5\r\nabcde\r\n0\r\n\r\n"), 204),
    "7.1 a size with zeros": (chunked("0005\r\nabcde\r\n000\r\n\r\n"), 204),
    "7.1.1 an extension": (chunked("5;a=b\r\nabcde\r\n0;c\r\n\r\n"), 204),
    "7.1.2 a trailer": (chunked("5\r\nabcde\r\n0\r\nX: y\r\n\r\n"), 204),
    "7.1.2 trailers that may be none": (chunked("5\r\nabcde\r\n0\r\nHost: b\r\nAuthorization: Bearer x\r\n\r\n"), 204),
    "2.2 empty lines before a request": ("\r\n\r\n" + get(), 200),
    "3.2.2 a whole target": (get(target="http://localhost/healthz"), 200),
    "3.2.2 a whole target and another Host": (get("Host: b\r\n", target="http://localhost:80/healthz"), 200),
    "3.2.4 an asterisk": (get(method="OPTIONS", target="*"), 204),
    "5.1 an odd name": (get(HOST + "!#$%&'*+-.^_`|~09: a\r\n"), 200),
    "9110 5.5 no value, and bytes past ASCII": (get(HOST + "X:\r\nY: \xe4\x80\r\n"), 200),
    "9110 7.8 an Upgrade that nobody follows": (get(HOST + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                                                    "HTTP2-Settings: AAMAAABkAAQAAP__\r\n"), 200),
    **{f"3.2 the Host {host}": (get(f"Host: {host}\r\n"), 200) for host in
       ("a", "a:80", "a:", "[::1]:80", "my_app", "127.0.0.1")},
    "9110 10.1.1 an unknown expectation beside its body": (post("Expect: 200-ok\r\nContent-Length: 5", "abcde"), 417),
    "9110 15.6.6 a method of others": (get(method="PROPFIND"), 405),
}

CLOSED = {
    "9.3 HTTP/1.0": (get("", version="HTTP/1.0"), 200),
    "9.6 close": (get(HOST + "Connection: close\r\n"), 200),
    "9.6 close wins over keep-alive": (get(HOST + "Connection: close, keep-alive\r\n"), 200),
    "9.6 keep-alive loses to close": (get(HOST + "Connection: keep-alive\r\nConnection: close\r\n"), 200),
    "9110 10.1.1 an unknown expectation, its body still to come": (post("Expect: 200-ok\r\nContent-Length: 4000", HIDDEN), 417),
    "9110 10.1.1 two expectations": (post("Expect: 100-continue, x\r\nContent-Length: 4000", HIDDEN), 417),
}


def check(port, case, follow):
    request, expected = case
    first, *more = statuses(port, request) or [None]
    assert first in (expected if isinstance(expected, tuple) else (expected,))
    assert more == follow


@pytest.mark.parametrize("name", REFUSED)
def test_refused_and_closed(port, name):
    check(port, REFUSED[name], [])


@pytest.mark.parametrize("name", TAKEN)
def test_taken_and_kept(port, name):
    check(port, TAKEN[name], [200])


@pytest.mark.parametrize("name", CLOSED)
def test_answered_and_closed(port, name):
    check(port, CLOSED[name], [])


def test_many_requests_at_once_end_at_the_first_fault(port):
    assert statuses(port, get() * 3 + get("Host: a b\r\n") + get() * 3) == [200, 200, 200, 400]


def test_what_a_refused_body_holds_is_no_request(port):
    """It is read away, as its length says."""
    body = HIDDEN * 3
    refused = f"POST /nowhere HTTP/1.1\r\n{HOST}Content-Length: {len(body)}\r\n\r\n{body}"
    assert statuses(port, refused) == [404, 200]


@pytest.mark.parametrize("target, has", [("/write", b'{"error":'), ("/write?precision=s", b'{"error":'),
                                         ("/api/v2/write", b'"code":"'), ("/ping", b'{"error":')])
@pytest.mark.parametrize("fault", [HOST + "X: " + "a" * 20_000 + "\r\n", "", HOST + "X : a\r\n"])
def test_faults_on_the_paths_of_influxdb_have_its_form(port, target, has, fault):
    answer = exchange(port, get(fault, target=target, method="POST").encode())
    assert has in answer and b"problem+json" not in answer
