"""Templates out of a grammar, always the same from the same seed: expressions of any depth, and statements around them."""
import random
import re

class Expressions:
    """The first corpus: small filters without many arguments. Its row of random numbers is never changed, so that the cases stay."""
    NAMES = ["i", "n", "z", "f", "g", "h", "s", "html", "e", "u", "t", "no", "l", "w", "d", "m", "users", "tree", "text", "rows", "missing"]
    BINARY = ["+", "-", "*", "/", "//", "%", "~", "==", "!=", "<", ">", "<=", ">=", "and", "or", "in", "not in"]
    FILTERS = ["upper", "lower", "title", "capitalize", "length", "abs", "int", "float", "round", "first", "last|string", "list", "sort",
               "join('-')", "reverse|list", "default('d')", "default('d', true)", "e", "safe", "string", "trim", "tojson", "min", "max",
               "sum", "unique|list", "replace('l', '<')", "truncate(5)", "wordcount", "center(9)", "batch(2)|list", "map('string')|list",
               "select|list", "reject('none')|list", "dictsort", "items|list", "count", "striptags", "urlencode", "indent(2)"]
    TESTS = ["defined", "none", "number", "string", "mapping", "sequence", "iterable", "odd", "even", "true", "integer", "float", "upper",
             "lower", "escaped", "in [1, 42]", "eq 42", "gt 3", "divisibleby 3"]
    LEAVES = ["1", "2.5", "'a<b'", "[1, 2]", "(1,)", "{'k': 1}", "none", "true", "1e3", "'5'"]
    KEYS = ["0", "-1", "1:", "::-1", ":2", repr("name")]

    def __init__(self, seed):
        self.random = random.Random(seed)

    def leaf(self):
        return self.random.choice(self.NAMES + self.LEAVES)

    def expression(self, depth):
        choice = self.random.random
        if depth == 0 or choice() < 0.2:
            return self.leaf()
        pick = choice()
        inner = self.expression(depth - 1)
        if pick < 0.35:
            return f"({inner} {self.random.choice(self.BINARY)} {self.expression(depth - 1)})"
        if pick < 0.7:
            return f"({inner})|{self.random.choice(self.FILTERS)}"
        if pick < 0.8:
            return f"({inner} is {self.random.choice(['', 'not '])}{self.random.choice(self.TESTS)})"
        if pick < 0.87:
            return f"({inner})[{self.random.choice(self.KEYS)}]"
        if pick < 0.93:
            return f"({inner} if {self.expression(depth - 1)} else {self.expression(depth - 1)})"
        return f"{self.random.choice(['not ', '-', ''])}({inner})"


class Grammar:
    """Expressions that mostly make sense: each kind of value has its rules, <kind> stands for another one. Now and then a wrong kind."""
    LEAVES = {
        "number": ["i", "n", "z", "f", "g", "h", "t", "1", "7", "2.5", "0.1", "1e3", "1_000", "0x1f", "12345.678", "users[1].age", "rows[0][1]", "d.b"],
        "text": ["s", "html", "e", "u", "text", "'a<b'", "'5'", "''", "'Zażółć'", "'%s'", "'{}'", "'<i>'|safe", "'a' 'b'", "users[0].name", "d['a']", "w[1]",
                 "'one two  three'", "'x,y,,z'"],
        "list": ["l", "w", "m", "users", "tree", "rows", "[1, 2]", "(1,)", "()", "[[2, 'x'], [1]]", "range(4)", "range(1, 9, 3)", "['b', 'a', 'B']", "[1.5, 1, none]"],
        "dict": ["d", "users[0]", "{}", "{'k': 1}", "{1: 'x', '<': [2]}", "dict(a=1, b='x')"],
        "truth": ["t", "true", "false", "none", "missing", "no"],
    }
    RULES = {
        "number": [
            "(<number> + <number>)", "(<number> - <number>)", "(<number> * <number>)", "(<number> / <number>)", "(<number> // <number>)",
            "(<number> % <number>)", "(<number> ** 2)", "-<number>", "<text>|length", "<list>|length", "<dict>|count", "<text>|wordcount", "<text>|int", "<text>|int(7)",
            "<text>|int(0, 16)", "<text>|float", "<text>|float(1.5)", "<number>|abs", "<number>|round", "<number>|round(1)", "<number>|round(0, 'floor')",
            "<number>|round(2, 'ceil')", "<number>|round(-1)", "<number>|int", "<number>|float", "[<number>, <number>]|sum", "[<number>, 1]|max", "[<number>, 2]|min",
            "users|sum(attribute='age')", "[<number>]|sum(start=10)", "<text>.find('o')", "<text>.count('l')", "<list>.index(1)", "<list>.count(1)", "(<number> or 3)",
            "(<number> if <truth> else <number>)", "<list>|first", "<list>|last", "<dict>.get('a', 9)", "<number>|default(1)", "<list>|random|string|length > -1"],
        "text": [
            "(<any> ~ <any>)", "(<text> + <text>)", "(<text> * 2)", "<text>|upper", "<text>|lower", "<text>|title", "<text>|capitalize", "<text>|trim", "<text>|trim('H ')",
            "<text>|replace('l', '<')", "<text>|replace('a', <text>, 1)", "<text>|truncate(5)", "<text>|truncate(6, true)", "<text>|truncate(7, false, '!', 0)",
            "<text>|center(9)", "<text>|indent", "<text>|indent(3, true)", "<text>|indent('>', blank=true)", "<text>|wordwrap(7)", "<text>|wordwrap(5, false)",
            "<any>|e", "<any>|escape", "<any>|forceescape", "<any>|safe", "<any>|string", "<any>|striptags", "<any>|tojson", "<dict>|tojson(2)", "<any>|urlencode",
            "<text>|urlize", "<any>|pprint", "<number>|filesizeformat", "<number>|filesizeformat(true)", "<dict>|xmlattr", "<dict>|xmlattr(false)", "<list>|join",
            "<list>|join(', ')", "<list>|join(<text>)", "<list>|map('string')|join('|')", "'%s and %r'|format(<any>, <any>)", "'%d %5.2f'|format(<number>, <number>)",
            "('%s' % <number>)", "('%(a)s' % {'a': <any>})", "'{} {!r:>8}'.format(<any>, <text>)", "'{:.3f}|{:>6}'.format(<number>, <text>)", "<text>|first", "<text>|last",
            "<text>|reverse", "<text>[1:]", "<text>[::-1]", "<text>[-1]", "<text>[0]", "<text>.upper()", "<text>.strip()", "<text>.title()", "<text>.swapcase()",
            "<text>.zfill(8)", "<text>.center(15, '*')", "<text>.rjust(8)", "<text>.replace('l', 'L', 1)", "<text>.capitalize()", "<text>.expandtabs()", "<text>.casefold()",
            "<text>.removeprefix('H')", "<text>.lstrip('H')", "', '.join(<list>)", "<any>|default('d')", "<any>|default('d', true)", "<list>|attr('append')|string|length > 5",
            "(<text> if <truth> else <text>)", "(<text> or <text>)", "<text>|e|upper", "<text>.ljust(6)|e", "_(<text>)", "_('Hello %(name)s!', name=<any>)",
            "ngettext('one sensor', '%(num)s sensors', <number>)"],
        "list": [
            "[<any>, <any>]", "(<any>, <any>)", "(<list> + <list>)", "(<list> * 2)", "<list>|list", "<text>|list", "<list>|sort", "<list>|sort(reverse=true)",
            "<list>|sort(case_sensitive=true)", "users|sort(attribute='age,name')", "<list>|reverse|list", "<list>|unique|list", "<list>|batch(2)|list",
            "<list>|batch(3, <any>)|list", "<list>|slice(2)|list", "<list>|slice(3, 0)|map('list')|list", "users|groupby('age')|list", "users|groupby('city', case_sensitive=true)|list",
            "users|groupby('nothing', default=<any>)|list", "users|map(attribute='name')|list", "<list>|map(attribute='x', default=1)|list", "<list>|map('upper')|list",
            "<list>|map('default', 'q')|list", "users|selectattr('age', 'gt', 26)|list", "users|rejectattr('name', 'in', <list>)|list", "<list>|select('number')|list",
            "<list>|reject('in', <list>)|list", "<list>|select|list", "<list>|reject('none')|list", "users|unique(attribute='age')|list", "<dict>|dictsort",
            "<dict>|dictsort(true, 'value')", "<dict>|dictsort(reverse=true)", "<dict>|items|list", "<dict>.items()|list", "<dict>.keys()|list", "<dict>.values()|list", "<dict>|list",
            "<text>.split()", "<text>.split(',')", "<text>.split(' ', 1)", "<text>.splitlines()", "<text>.partition(' ')", "<text>.rsplit('o', 1)", "<list>[1:]", "<list>[::-1]",
            "<list>[:2]", "<list>.copy()", "(<list> if <truth> else <list>)", "[users|min(attribute='age'), users|max(attribute='name')]", "range(<number>)|list"],
        "dict": ["{'k': <any>}", "{<text>: <any>, <number>: <any>}", "dict(<dict>, z=<any>)", "<dict>.copy()", "(<dict> or {'x': 1})", "<list>|first", "users|last",
                 "(users|selectattr('age', 'lt', <number>)|first)", "tree[0]", "dict(<dict>.items())", "<dict>|default({})"],
        "truth": [
            "(<number> < <number>)", "(<number> >= <number>)", "(<any> == <any>)", "(<any> != <any>)", "(<number> <= <number> < <number>)", "(<text> < <text>)",
            "(<any> in <list>)", "(<text> in <text>)", "(<text> not in <dict>)", "not <any>", "(<any> and <any>)", "(<any> or <any>)", "<text>.startswith('H')",
            "<text>.isdigit()", "<text>.endswith(('d', '5'))", "(<list> < <list>)", "(<any> is <any-test>)", "(<any> is not <any-test>)", "(<number> is <number-test>)",
            "(<text> is <text-test>)"],
        "any-test": ["defined", "undefined", "none", "number", "string", "mapping", "sequence", "iterable", "boolean", "true", "false", "integer", "float", "callable",
                     "escaped", "sameas true", "sameas none", "eq 42", "equalto 42", "ne 'x'", "in [1, 42, '5']", "==(42)", "!= 42"],
        "number-test": ["odd", "even", "divisibleby 3", "divisibleby(0)", "lt 5", "le 42", "ge 2.5", "gt 3", "greaterthan 1", "lessthan 1", ">= 3", "< 2", "<= 1", "> 1"],
        "text-test": ["upper", "lower", "in 'Hello World'", "filter", "test", "eq 'x'", "lt 'b'"],
    }
    KINDS = list(LEAVES)

    def __init__(self, seed):
        self.random = random.Random(seed)

    def leaf(self, kind):
        return self.random.choice(self.LEAVES[kind])

    def expression(self, depth, kind="any"):
        if kind == "any" or (kind in self.KINDS and self.random.random() < 0.04):
            kind = self.random.choice(self.KINDS)
        if kind in self.LEAVES and (depth == 0 or self.random.random() < 0.15):
            return self.leaf(kind)
        rule = self.random.choice(self.RULES[kind])
        return re.sub(r"<([a-z]+(?:-test)?)>", lambda found: self.expression(max(depth - 1, 0), found[1]), rule)


class Statements(Grammar):
    """Whole templates of several lines, so that an error has a line to be on."""
    VARIABLES = ["a", "b", "c"]

    def template(self):
        self.macros = []
        self.blocks = 0
        lines = [self.tag(f"set {name} = {self.leaf(self.random.choice(['number', 'text', 'list']))}") for name in self.VARIABLES
                 if self.random.random() < 0.8]
        lines += [self.statement(2) for _ in range(self.random.randint(2, 5))]
        return "\n".join(lines)

    def name(self):
        return self.random.choice(self.VARIABLES)

    def value(self, kind="any"):
        return self.expression(self.random.choice([0, 0, 1, 1, 2]), kind)

    def leaf(self, kind):
        return self.random.choice(self.VARIABLES) if self.random.random() < 0.15 else super().leaf(kind)

    def tag(self, text):
        left = self.random.choice(["", "", "", "-", "+"])
        right = self.random.choice(["", "", "", "-", "+"])
        return "{%" + left + " " + text + " " + right + "%}"

    def body(self, depth, in_loop=False):
        separator = self.random.choice(["", "\n", " ", "\n  "])
        parts = [self.statement(depth - 1, in_loop) for _ in range(self.random.randint(1, 2))]
        return separator + separator.join(parts) + separator

    def statement(self, depth, in_loop=False):
        simple = [self.printed, self.printed, self.printed, self.text, self.assign, self.comment, self.call_macro, self.namespace, self.do]
        nested = [self.loop, self.loop, self.condition, self.condition, self.with_block, self.macro, self.set_block, self.filter_block,
                  self.autoescape, self.call_block, self.trans, self.block, self.include, self.imported]
        if in_loop and self.random.random() < 0.3:
            return self.random.choice([self.printed_loop, self.printed_loop, self.leave_turn])(depth)
        return self.random.choice(simple if depth == 0 else simple + nested)(depth)

    def printed(self, _):
        return "{{" + self.random.choice(["", "", "-"]) + f" {self.value()} " + self.random.choice(["", "", "-"]) + "}}"

    def printed_loop(self, _):
        return "{{ loop." + self.random.choice(["index", "index0", "first", "last", "length", "revindex", "previtem", "nextitem", "depth", "cycle('x', 'y')",
                                                "changed(a)", "nothing"]) + " }}"

    def leave_turn(self, _):
        return self.tag(f"if {self.value()}") + self.tag(self.random.choice(["break", "continue"])) + self.tag("endif")

    def text(self, _):
        return self.random.choice(["text", " <b>&amp; ", "  ", "{ % }", "{% raw %}{{ x }}{% endraw %}", "a\tb", "}}", "%}"])

    def comment(self, _):
        return self.random.choice(["{# one #}", "{#- two -#}", "{# a\nb #}", "{#+ {{ x }} #}"])

    def assign(self, _):
        if self.random.random() < 0.2:
            return self.tag(f"set {self.name()}, {self.name()} = {self.value()}")
        return self.tag(f"set {self.name()} = {self.value()}")

    def namespace(self, _):
        return self.tag(f"set ns = namespace(x={self.value()})") + self.tag(f"set ns.y = {self.value()}") + "{{ ns.x }}{{ ns.y }}"

    def do(self, _):
        return self.tag(f"do {self.random.choice(['l.append(i)', 'd.update(d)', self.value()])}")

    def loop(self, depth):
        items = self.random.choice(["l", "w", "users", "d", "rows", "d.items()", "range(3)", "m", "text", self.value("list")])
        target = self.random.choice([self.name(), self.name(), f"{self.name()}, {self.name()}", f"({self.name()}, {self.name()})"])
        kind = self.random.choice(["", "", "", f" if {self.value('truth')}", " recursive"])
        otherwise = self.tag("else") + self.body(depth) if self.random.random() < 0.3 else ""
        return self.tag(f"for {target} in {items}{kind}") + self.body(depth, True) + otherwise + self.tag("endfor")

    def condition(self, depth):
        text = self.tag(f"if {self.value()}") + self.body(depth)
        if self.random.random() < 0.4:
            text += self.tag(f"elif {self.value()}") + self.body(depth)
        if self.random.random() < 0.5:
            text += self.tag("else") + self.body(depth)
        return text + self.tag("endif")

    def with_block(self, depth):
        return self.tag(f"with {self.name()} = {self.value()}") + self.body(depth) + self.tag("endwith")

    def set_block(self, depth):
        filters = self.random.choice(["", "", " | upper", " | trim | replace('e', '<')"])
        return self.tag(f"set {self.name()}{filters}") + self.body(depth) + self.tag("endset")

    def filter_block(self, depth):
        return self.tag(f"filter {self.random.choice(['upper', 'trim', 'indent(2)', 'e', 'replace(1, 2)', 'striptags', 'wordwrap(9)'])}") + self.body(depth) + \
            self.tag("endfilter")

    def autoescape(self, depth):
        return self.tag(f"autoescape {self.random.choice(['true', 'false'])}") + self.body(depth) + self.tag("endautoescape")

    def macro(self, depth):
        name = f"macro{len(self.macros)}"
        parameters = self.random.choice(["", "a", "a, b", "a, b=2", f"a={self.leaf('text')}"])
        body = self.body(depth) + self.random.choice(["", "", "{{ varargs }}", "{{ kwargs }}", "{{ caller() if caller }}"])
        self.macros.append(name)
        return self.tag(f"macro {name}({parameters})") + body + self.tag("endmacro") + self.call_macro(depth)

    def call_macro(self, _):
        if not self.macros:
            return self.printed(0)
        arguments = self.random.choice(["", self.value(), f"{self.value()}, {self.value()}", f"a={self.value()}", f"{self.value()}, b={self.value()}", "*l", "**d"])
        return "{{ " + f"{self.random.choice(self.macros)}({arguments})" + " }}"

    def call_block(self, depth):
        if not self.macros:
            return self.macro(depth)
        return self.tag(f"call{self.random.choice(['', '(a)', '(a, b=1)'])} {self.random.choice(self.macros)}({self.value()})") + self.body(depth) + \
            self.tag("endcall")

    def trans(self, _):
        name = self.name()
        head = self.random.choice(["", f" {name}", f" {name}={self.value('number')}", f" trimmed {name}={self.leaf('number')}", " 'menu'"])
        plural = self.tag(f"pluralize") + "some {{ " + name + " }}" if self.random.random() < 0.4 else ""
        return self.tag(f"trans{head}") + "one {{ " + name + " }}" + self.random.choice(["", "\n  100% "]) + plural + self.tag("endtrans")

    def block(self, depth):
        self.blocks += 1
        name = f"block{self.blocks}"
        return self.tag(f"block {name}{self.random.choice(['', ' scoped'])}") + self.body(depth) + self.tag("endblock") + \
            self.random.choice(["", "", "{{ self." + name + "() }}"])

    def include(self, _):
        return self.tag("include " + self.random.choice(["'part'", "'part'", "'part' without context", "'none' ignore missing", "['none', 'part']", "'fails'", "'none'"]))

    def imported(self, _):
        return self.random.choice([self.tag("import 'library' as b") + "{{ b.shout(a) }}{{ b.kept }}",
                                   self.tag("from 'library' import shout, kept as c") + "{{ shout(c) }}",
                                   self.tag("from 'library' import nothing") + "{{ nothing }}",
                                   self.tag("import 'library' as b with context") + "{{ b.shout(1) }}"])


TEMPLATES = {"part": "<{{ a }} {{ i }}>\n{% set a = 5 %}", "fails": "line one\nline two {{ 1 / z }}\n",
             "library": "{% macro shout(x) %}{{ x|upper }}!{{ i }}{% endmacro %}\n{% set kept = 'kept' %}{% set _hidden = 1 %}"}


def cases():
    """(name, template, options, templates) of all generated cases."""
    first = Expressions(20)
    for number in range(1500):
        yield f"generated:{number}", "{{ " + first.expression(3) + " }}", {}, {}
    sensible = Grammar(21)
    for number in range(1200):
        yield f"sensible:{number}", "line\n{{ " + sensible.expression(3) + " }}", {} if number % 3 else {"autoescape": False}, {}
    statements = Statements(22)
    for number in range(900):
        options = {"trim_blocks": number % 4 == 1, "lstrip_blocks": number % 5 == 1, "autoescape": number % 3 != 1, "keep_trailing_newline": number % 7 == 1}
        yield f"templates:{number}", statements.template(), options, TEMPLATES
