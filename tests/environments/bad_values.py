"""Values that no key takes, as HCL would have them: by syntax, by kind, by size."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn


def hcl_text(text: str) -> str:
    """Text in double quotes; a template stays one."""
    for character, escape in {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}.items():
        text = text.replace(character, escape)
    return f'"{text}"'


@st.composite
def nested(draw: DrawFn) -> str:
    """Brackets in brackets, closed or not."""
    opening, closing = draw(st.sampled_from([("[", "]"), ("(", ")"), ("{ a = ", "}"), ('"${', '}"'), ("f(", ")")]))
    deep = draw(st.sampled_from([1, 2, 8, 9, 10, 100, 1000]))
    left_open = draw(st.sampled_from([0, 0, 1, deep]))
    return opening * deep + draw(st.sampled_from(["", "1", '"x"'])) + closing * (deep - left_open)


WORDS = st.sampled_from(["x", "var.x", "local.y", "us-east-1a", "null", "yes", "True", '"x"', "each.key", "data.a.b.c"])
EXPRESSIONS = st.recursive(
    WORDS,
    lambda inner: st.one_of(
        st.builds("({})".format, inner),
        st.builds("upper({})".format, inner),
        st.builds("{} + {}".format, inner, inner),
        st.builds("{} ? {} : {}".format, inner, inner, inner),
        st.builds("!{}".format, inner),
        st.builds("{}[0]".format, inner),
        st.builds("{}.*.id".format, inner),
        st.builds("[for x in {} : x]".format, inner),
        st.builds("{{ for k, v in {} : k => v... }}".format, inner),
        st.builds('"${{{}}}"'.format, inner),
        st.builds('"%{{ if {} }}a%{{ endif }}"'.format, inner),
        st.builds("<<EOT\n{}\nEOT".format, inner),
        st.builds("f({}...)".format, inner),
    ),
    max_leaves=5,
)
NUMBERS = st.one_of(
    st.integers(-1000, 100000).map(str),
    st.integers(max_value=-1).map(str),
    st.integers(min_value=2**23).map(str),
    st.integers(1, 20000).map(lambda digits: "9" * digits),
    st.integers(5, 20000).map(lambda digits: f"{'9' * digits}.5"),
    st.floats().map(repr),
    st.sampled_from(
        [*("1e999", "-1e999", "1e99999999999", "0x10", "0b1", "1_000"), *("+1", ".5", "5.", "-", "--1", "1e", "1.2.3")]
    ),
)
LONG = st.one_of(
    *(
        st.integers(1000, 10000).map(lambda count, piece=piece: piece * count)
        for piece in ("a", "1", "é", "[", "a.", "a, ", "# ", '"a" ', "\\", "$", "-")
    ),
    st.integers(1000, 140000).map(lambda count: hcl_text("a" * count)),
    st.integers(100, 1000).map(lambda count: "[" + '"a", ' * count + "]"),
    st.integers(100, 1000).map(lambda count: "{\n" + "".join(f'  k{i} = "v"\n' for i in range(count)) + "}"),
)
OPEN = st.sampled_from(
    [
        *('"', '"x', '"${', '"%{ if', '"\\"', "'x'", "/* x"),
        *("[", '["x",', "{", '{ a = "b"', "(", "<<EOT\nx", "<<-EOT\nx\n EOT x"),
    ]
)
ESCAPES = st.builds(
    '"{}\\{}{}"'.format,
    st.sampled_from(["", "x"]),
    st.sampled_from(
        [
            *"abcdenxyz0/'$%{}() é\n",
            *("u12", "u{41}", "ud800", "uDFFF", "u0000", "u001b", "U0001", "U00110000", "U0000d800", "x41"),
        ]
    ),
    st.sampled_from(["", "x"]),
)
TAGS = st.dictionaries(st.text(max_size=140), st.text(max_size=300), min_size=1, max_size=50).map(
    lambda tags: "{\n" + "".join(f"  {hcl_text(key)} = {hcl_text(value)}\n" for key, value in tags.items()) + "}"
)
LITERALS = {
    str: ['""', '"x"', '"1"', '"true"'],
    int: ["0", "-1", "15", "4294967296"],
    bool: ["true", "false"],
    tuple: ["[]", '["x"]', "[1]", "[[]]", "[null]", "[{}]"],
    dict: ["{}", '{ x = "y" }', "{ x = 1 }", "{ x = {} }", "{ x = null }"],
    float: ["1.5", "-0.0", "1e3"],
    None: ["null"],
}
"""By their type."""
