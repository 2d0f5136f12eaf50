"""A browser without a script: keeps cookies, follows no redirect by itself, posts forms with the proof that the page shown last gave it."""
import re
import urllib.parse

from pomiar import run

PASSWORD = "correct horse battery"
SESSION = "__Host-session"
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


class Browser:
    def __init__(self, server, cookies=None):
        self.server = server
        self.cookies = dict(cookies or {})
        self.csrf = ""
        self.headers = {"Accept": "text/html", "User-Agent": USER_AGENT}

    def request(self, method, path, body=None, **headers):
        client = self.server.client()
        try:
            sent = {**self.headers, **headers}
            if self.cookies:
                sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            response = client.request(method, path, body, headers=sent)
        finally:
            client.close()
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        shown = re.search(r'name="?csrf"? value="?([\w-]+)', response.text)
        if shown:
            self.csrf = shown.group(1)
        return response

    def get(self, path, **headers):
        return self.request("GET", path, **headers)

    def post(self, path, fields=None, csrf=..., **headers):
        fields = dict(fields or {})
        proof = self.csrf if csrf is ... else csrf
        if proof is not None:
            fields["csrf"] = proof
        return self.request("POST", path, urllib.parse.urlencode(fields),
                            **{"Content-Type": "application/x-www-form-urlencoded", **headers})

    def sign_in(self, password=PASSWORD):
        self.get("/login")
        return self.post("/login", {"next": "/", "password": password})

    @property
    def session(self):
        return self.cookies.get(SESSION)


def set_password(server, password=PASSWORD):
    run("password", "--data", server.data, input=password + "\n")


def signed_in(server, password=PASSWORD):
    browser = Browser(server)
    response = browser.sign_in(password)
    assert response.status == 303, response.text
    assert browser.session
    return browser
