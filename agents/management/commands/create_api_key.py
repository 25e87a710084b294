"""Give a person's programs a key."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agents.models import ApiKey, User


class Command(BaseCommand):
    help = "Print a new API key once. It opens /v1/… and the websocket in that person's name."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", metavar="USERNAME")
        parser.add_argument("--name", default="", help="What the key is for.")

    def handle(self, *args: Any, username: str, name: str = "", **options: Any) -> None:
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            known = ", ".join(User.objects.filter(is_active=True).values_list("username", flat=True)[:10])
            raise CommandError(f"There is no active user “{username}”. Users: {known or 'none yet'}.", returncode=2)
        _, secret = ApiKey.issue(user=user, name=name)
        self.stderr.write("This key is shown once; keep it safe. Send it as “Authorization: Bearer …”.")
        self.stdout.write(secret)
