"""Load the demo content once."""

from typing import Any

from django.core.management.base import BaseCommand

from agents.demo.load import load_demo


class Command(BaseCommand):
    help = "Load the demo's prompts, agents, tools, dataset and recorded evaluations. A second call changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if load_demo():
            self.stdout.write("The demo content is loaded.")
        else:
            self.stdout.write("The demo content has been loaded before: nothing changed.")
