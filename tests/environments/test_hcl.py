"""What an HCL file of plain values may say, and how the rest is refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from environments.hcl import Value, read

CODE = "expected the code of a character: \\uNNNN or \\UNNNNNNNN"
REFUSED = {
    "nothing after the equals sign": ("a =\n", "1: syntax: got the end of the line, expected a value"),
    "single quotes": ("a = 1\nb = 'x'\n", "2: syntax: got ', expected a value"),
    "key, then a comment": ("a # x\nb = 1\n", "1: syntax: got a, expected key = value"),
    "no equals sign": ("a 1\n", '1: syntax: got 1, expected "="'),
    "two equals signs": ("a == 1\n", '1: syntax: got ==, expected "="'),
    "no key": ("= 1\n", "1: syntax: got =, expected key = value"),
    "quoted key": ('"a" = 1\n', '1: syntax: got "a", expected key = value'),
    "no value": ("a = 1\nb\nc = 2\n", "2: syntax: got b, expected key = value"),
    "digits with an underscore": ("a = 1_000\n", "1: syntax: got 1_000, expected a value"),
    "text after text": ('a = "x"y\n', '1: syntax: got "x"y, expected a value'),
    "open text": (
        'a = "x\nb = "y"\n',
        '1: syntax: got the end of the line, expected the text that begins with "x to be closed',
    ),
    "open text that a terminal would obey": (
        'a = "\x1b[31m\n',
        '1: syntax: got the end of the line, expected the text that begins with "\\x1b[31m to be closed',
    ),
    "open text, closed further down": (
        'a = "x\nb = y"\n',
        '1: a: got the end of the line, expected the text that begins with "x to be closed',
    ),
    "open list": ('a = [\n  "x",\n', '1: syntax: got "[", expected it to be closed'),
    "open object": ("a = 1\nb = {\n  c = 1\n", '2: syntax: got "{", expected it to be closed'),
    "closed by another bracket": ("a = [1, 2}\n", '1: syntax: got }, expected "," or "]"'),
    "one bracket too many": ("a = 1}\n", "1: syntax: got }, expected a new line"),
    "no comma in a list": ("a = [1 2]\n", '1: syntax: got 2, expected "," or "]"'),
    "open comment": ("a = 1\n/* x\n", "2: syntax: got /*, expected a */ after it"),
    "merge conflict": ("<<<<<<< ours\na = 1\n", "1: syntax: got <<<<<<<, expected key = value"),
    "control character": ("\0", "1: syntax: got '\\x00', expected key = value"),
    "two keys on a line": ("a = 1 b = 2\n", "1: b: got a second key on the line, expected a new line before it"),
    "two keys on a line of an object": (
        "a = {\n  b = 1 c = 2\n}\n",
        "2: a.c: got a second key on the line, expected a new line before it",
    ),
    "duplicate key": ("a = 1\nb = 2\na = 3\n", "3: a: got it twice, expected it once; it is already set on line 1"),
    "duplicate key in an object": (
        "a = {\n  b = 1\n  b = 1\n}\n",
        "3: a.b: got it twice, expected it once; it is already set on line 2",
    ),
    "block": ("a {\n  b = 1\n}\n", "1: a: got a block, expected an equals sign: a = { ... }"),
    "bareword": ("a = us-east-1\n", '1: a: got us-east-1, expected a value; text goes in double quotes: "us-east-1"'),
    "endless bareword": (
        f"a = {'x' * 5000}\n",
        f'1: a: got {"x" * 100}..., expected a value; text goes in double quotes: "{"x" * 100}..."',
    ),
    "bareword in a list": ("a = [\n  x,\n]\n", '2: a[0]: got x, expected a value; text goes in double quotes: "x"'),
    "variable": ("a = var.x\n", "1: a: got the expression var.x, expected a plain value"),
    "function": ('a = upper("x")\n', '1: a: got the expression upper("x"), expected a plain value'),
    "sum": ("a = 1 + 1\n", "1: a: got the expression 1 + 1, expected a plain value"),
    "negation": ("a = !true\n", "1: a: got the expression !true, expected a plain value"),
    "condition": ("a = true ? 1 : 2\n", "1: a: got the expression true ? 1 : 2, expected a plain value"),
    "parentheses": ("a = (1)\n", "1: a: got the expression (1), expected a plain value"),
    "for": ("a = [for x in y : x]\n", "1: a: got the expression [for x in y : x], expected a plain value"),
    "interpolation": ('a = "${var.x}"\n', '1: a: got the template "${var.x}", expected plain text'),
    "interpolation in an object": (
        'a = {\n  b = "x-${y}"\n}\n',
        '2: a.b: got the template "x-${y}", expected plain text',
    ),
    "escaped interpolation": ('a = "$${x}"\n', '1: a: got the template "$${x}", expected plain text'),
    "interpolation in disguise": ('a = "\\u0024{x}"\n', '1: a: got the template "\\u0024{x}", expected plain text'),
    "directive": ('a = "%{ if x }y%{ endif }"\n', '1: a: got the template "%{ if x }y%{ endif }", expected plain text'),
    "heredoc": ("a = <<EOT\nx\nEOT\n", "1: a: got a heredoc, expected text in double quotes, on one line"),
    "unknown escape": ('a = "C:\\data"\n', "1: a: got \\d, expected \\\\ for a backslash"),
    "half a character": ('a = "\\ud83d\\ude00"\n', f"1: a: got \\ud83d, {CODE}"),
    "no character": ('a = "\\U00110000"\n', f"1: a: got \\U00110000, {CODE}"),
    "computed key": ("a = {\n  (b) = 1\n}\n", "2: a: got the key (b), expected a name or text in double quotes"),
    "endless number": (f"a = {'9' * 5000}\n", "1: a: got a number of 5000 digits, expected 15 at most"),
    "endless nesting": (
        f"a = {'[' * 3000}{']' * 3000}\n",
        f"1: a{'[0]' * 9}: got a value 9 levels deep, expected 8 at most",
    ),
    "not UTF-8": (b'a = 1\nb = "caf\xe9"\n', "2: got the byte 0xe9, expected UTF-8 text"),
    "not UTF-8 behind a byte order mark": (
        b'\xef\xbb\xbfa = 1\nb = "caf\xe9"\n',
        "2: got the byte 0xe9, expected UTF-8 text",
    ),
    "UTF-16": ("a = 1\n".encode("utf-16"), "1: got the byte 0xff, expected UTF-8 text"),
    "line ends of old Macs": (
        "# a\ra = 1\rb = 2\r",
        "1: got a line that ends in CR alone, as on old Macs, expected LF or CRLF",
    ),
    "one line end of old Macs": (
        "a = 1\nb = 2\rc = 3\n",
        "2: got a line that ends in CR alone, as on old Macs, expected LF or CRLF",
    ),
    "after a comment over lines": (
        "a = /* b\n c */ 1\nd = x\n",
        '3: d: got x, expected a value; text goes in double quotes: "x"',
    ),
    "second key behind a comment": (
        "a = 1 /* b\n*/ c = 2\n",
        "1: c: got a second key on the line, expected a new line before it",
    ),
    "empty": ("", " got an empty file, expected settings"),
    "comments only": ("# a = 1\n\n", " got an empty file, expected settings"),
}

READ: dict[str, tuple[str, Any]] = {
    "text": ('a = "x"\n', "x"),
    "text beyond ASCII": ('a = "é"\n', "é"),
    "escapes": ('a = "\\"\\\\\\u00e9"\n', '"\\é'),
    "escapes of characters": ('a = "\\u00e9\\U0001f600"\n', "é\U0001f600"),
    "empty text": ('a = ""\n', ""),
    "whole number": ("a = 12\n", 12),
    "negative number": ("a = -1\n", -1),
    "fraction": ("a = 1.5\n", 1.5),
    "truth": ("a = true\n", True),
    "nothing": ("a = null\n", None),
    "list over lines": ('a = [\n  "x", # one\n  "y",\n]\n', ["x", "y"]),
    "object over lines": ('a = {\n  b = 1\n  "c d" = 2\n}\n', {"b": 1, "c d": 2}),
    "object on a line": ("a = { b = 1, c = 2 }\n", {"b": 1, "c": 2}),
    "comments": ('# one\n// two\n/* three\n*/ a = "#" # four\n', "#"),
    "comment before the equals sign": ('a /* b */ = "x"\n', "x"),
    "comment after the equals sign": ('a = /* "b" */ "x" /* c */\n', "x"),
    "comment over lines in an assignment": ("a = /* b\n c */ 1\n", 1),
    "comments in an object": ("a = {\n  b /* c */ = /* d */ 1\n}\n", {"b": 1}),
    "no comment in a text": ('a = "/* b */" # "/*"\n', "/* b */"),
    "no last new line": ("a = 1", 1),
    "CRLF": ("a = {\r\n  b = 1\r\n  # c\r\n}\r\n", {"b": 1}),
    "byte order mark": ("\ufeffa = 1\n", 1),
}


def plain(value: Value) -> Any:
    if isinstance(value.content, list):
        return [plain(item) for item in value.content]
    if isinstance(value.content, dict):
        return {key: plain(item) for key, item in value.content.items()}
    return value.content


@pytest.mark.parametrize(("text", "expected"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_a_plain_value_is_refused(files: object, text: str | bytes, expected: str) -> None:
    path = Path("x.tfvars")
    path.write_bytes(text if isinstance(text, bytes) else text.encode())

    assert [str(problem) for problem in read(path).problems] == [f"x.tfvars:{expected}"]


@pytest.mark.parametrize(("text", "expected"), READ.values(), ids=READ)
def test_a_plain_value_is_read(files: object, text: str, expected: Any) -> None:
    path = Path("x.tfvars")
    path.write_bytes(text.encode())
    document = read(path)

    assert document.problems == []
    assert document.values is not None
    assert plain(document.values["a"]) == expected


def test_every_key_knows_its_line(files: object) -> None:
    path = Path("x.tfvars")
    path.write_text('a = 1\n\nb = {\n  c = [\n    "x",\n  ]\n}\n')
    values = read(path).values or {}
    b = values["b"].content
    assert isinstance(b, dict)
    c = b["c"].content
    assert isinstance(c, list)

    assert [values["a"].line, values["b"].line, b["c"].line, c[0].line] == [1, 3, 4, 5]


def test_a_directory_is_not_a_file(files: object) -> None:
    Path("x.tfvars").mkdir()

    assert [str(problem) for problem in read(Path("x.tfvars")).problems] == ["x.tfvars: cannot be read: Is a directory"]


def test_a_pipe_is_not_waited_for(files: object) -> None:
    os.mkfifo("x.tfvars")

    problem = "x.tfvars: cannot be read: got a pipe or a device, expected a file"
    assert [str(each) for each in read(Path("x.tfvars")).problems] == [problem]


def test_a_file_of_a_gigabyte_is_not_read(files: object) -> None:
    Path("x.tfvars").touch()
    os.truncate("x.tfvars", 2**30)

    problem = "x.tfvars: got a file of 1073741824 bytes, expected at most 131072"
    assert [str(each) for each in read(Path("x.tfvars")).problems] == [problem]
