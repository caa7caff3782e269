"""Both languages of a text say the same: commands, files, pictures, headings, tables, figures."""

from __future__ import annotations

import re

import pytest

from tests.cli.calling import ROOT

PAIRS = [("README.md", "README.zh.md"), ("docs/walkthrough.md", "docs/walkthrough.zh.md")]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(text):
    """Code without comments, which are in the reader's language."""
    found = re.findall(r"```(\w*)\n(.*?)```", text, flags=re.DOTALL)
    return [
        (language, [re.sub(r"\s+# .*", "", line).rstrip() for line in code.splitlines()])
        for language, code in found
    ]


def outside(text):
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


def tables(text):
    """Of every table, the number of columns of each row, and its figures."""
    found = re.findall(r"(?:^\|.*\n)+", outside(text), flags=re.MULTILINE)
    return [
        [(row.count("|"), sorted(re.findall(r"\d[\d.]*", row.replace(" / ", " of "))))
         for row in table.splitlines()]
        for table in found
    ]  # fmt: skip


@pytest.mark.parametrize(("english", "chinese"), PAIRS)
def test_commands_are_the_same(english, chinese):
    assert blocks(read(chinese)) == blocks(read(english))


@pytest.mark.parametrize(("english", "chinese"), PAIRS)
def test_structure_is_the_same(english, chinese):
    one, other = read(english), read(chinese)
    levels = [re.findall(r"^(#+) ", outside(text), flags=re.MULTILINE) for text in (one, other)]
    assert levels[0] == levels[1]
    assert tables(other) == tables(one)
    named = [set(re.findall(r"`([a-z_]+(?:[./][a-z_./]+)?)`", outside(t))) for t in (one, other)]
    assert named[0] == named[1]


@pytest.mark.parametrize("name", [name for pair in PAIRS for name in pair])
def test_pictures_and_links_exist(name):
    text = read(name)
    links = re.findall(r"\]\(([^)#]+)\)", text)
    assert links
    folder = (ROOT / name).parent
    for link in links:
        assert (folder / link).is_file(), link
