"""Reading a reply in pieces, as a run does."""

import random

from tests.agents.runtime.parsing.tables import TOOLS


def read(grammar, pieces, *, stop_when_decided=False):
    """The texts that were shown by kind, and the parser at the end."""
    parser, shown = (
        grammar.incremental(TOOLS[grammar.name]),
        {"reasoning": "", "thought": "", "input": "", "answer": ""},
    )
    for piece in pieces:
        for delta in parser.feed(piece):
            shown[delta.kind] += delta.text
        if stop_when_decided and parser.decided:
            break
    for delta in parser.close():
        shown[delta.kind] += delta.text
    return shown, parser


def cut(text, seed):
    """A text in random pieces."""
    chance = random.Random(seed)
    while text:
        size = chance.choice((1, 1, 2, 3, 5, 8, 40))
        yield text[:size]
        text = text[size:]
