"""`python3 -m config.bootstrap app|dev|node|test|lock`: what the Makefile calls before, or instead of, a tool."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 (this is the message for older ones)
    sys.exit(
        "Parley needs Python 3.11 or newer; {} is {}.{}. Name another one: make PYTHON=python3.12 ...".format(
            sys.executable, *sys.version_info[:2]
        )
    )

from config.bootstrap import lock, node, tests
from config.bootstrap.console import Stop
from config.bootstrap.environment import prepare

STEPS = {
    "app": lambda args: prepare("app"),
    "dev": lambda args: prepare("dev"),
    "node": lambda args: node.ensure(),
    "test": tests.run,
    "lock": lambda args: lock.lock(upgrade="--upgrade" in args),
}

if __name__ == "__main__":
    try:
        STEPS[sys.argv[1]](sys.argv[2:])
    except Stop as stop:
        sys.exit(str(stop))
    except KeyboardInterrupt:
        sys.exit(130)
