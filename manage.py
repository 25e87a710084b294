#!/usr/bin/env python
"""Django's command line for Parley."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError, connection

    try:
        execute_from_command_line(sys.argv)
    except DatabaseError:
        if "django_migrations" in connection.introspection.table_names():
            raise
        sys.exit(
            "There is no database yet. `make run` makes it and loads the demo; `manage.py migrate` makes it alone."
        )


if __name__ == "__main__":
    main()
