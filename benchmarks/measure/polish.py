"""The table's words for README.pl.md; what is not listed here stays as it is."""

import re

WORDS = [
    ("figure", "wielkość"),
    ("usual stack", "zwykły zestaw"),
    ("ratio", "stosunek"),
    ("bar", "próg"),
    ("pass", "spełniony"),
    ("falls short", "niespełniony"),
    ("at most", "najwyżej"),
    ("at least", "co najmniej"),
    ("x less", "razy mniej"),
    ("stripped binary with all assets", "program ze wszystkimi zasobami, bez symboli"),
    ("readings/s, batches of 5,000 lines, one connection, TLS", "odczyty/s, paczki po 5000 wierszy, jedno połączenie, TLS"),
    ("bytes/reading at rest", "bajty na odczyt na karcie"),
    ("house, 7 days", "dom, 7 dni"),
    ("blocks · database · all files", "bloki · baza · wszystkie pliki"),
    ("start to the first 200 of `/`, 7 days stored", "od startu do pierwszego 200 na `/`, 7 dni w bazie"),
    ("memory (PSS), idle, 7 days stored", "pamięć (PSS) w spoczynku, 7 dni w bazie"),
    ("memory (PSS), highest under all these loads", "pamięć (PSS), największa pod tym obciążeniem"),
    ("POST one reading, one connection: req/s", "POST jednego odczytu, jedno połączenie: żądania/s"),
    ("overview of 50 sensors: req/s", "przegląd 50 czujników: żądania/s"),
    ("the same while 50 readings/s come in: req/s", "to samo, gdy przychodzi 50 odczytów/s: żądania/s"),
    ("the usual stack holds 504,000 of the 3,024,000 readings", "zwykły zestaw ma 504 000 z 3 024 000 odczytów"),
    ("other programs took", "inne programy zajęły"),
    ("(median)", "(mediana)"),
    ("(highest) of the server's CPU during the runs", "(najwięcej) procesora serwera"),
    ("servers and client ran before all other programs", "serwery i klient miały pierwszeństwo przed innymi programami"),
    ("measured", "zmierzono"),
    ("medians of", "mediany z"),
    ("runs of", "przebiegów po"),
    ("cores", "rdzenie"),
]


def translate(text):
    """The longest phrases first, whole words only."""
    for english, polish in sorted(WORDS, key=lambda pair: -len(pair[0])):
        text = re.sub(rf"(?<!\w){re.escape(english)}(?!\w)", polish, text)
    return text
