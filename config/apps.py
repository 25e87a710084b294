from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """The project itself, so that its system checks are known."""

    name = "config"

    def ready(self) -> None:
        from config import checks  # noqa: F401
