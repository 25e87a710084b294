"""System checks: half a shape or an unsafe default is refused before anything starts."""

from django.conf import settings
from django.core.checks import Error, Warning, register


@register()
def debug_is_for_loopback(app_configs, **kwargs):
    from config.env import env

    if settings.DEBUG and env.host not in ("127.0.0.1", "::1", "localhost"):
        return [Error("DEBUG shows code to whoever can reach HOST. Unset one of them.", id="parley.E001")]
    return []


@register()
def openai_needs_a_model(app_configs, **kwargs):
    if settings.OPENAI_API_KEY and not settings.OPENAI_BASE_URL and not settings.OPENAI_MODEL:
        return [Warning("OPENAI_API_KEY is set without OPENAI_MODEL. Set it to the id of the model.", id="parley.W001")]
    return []


@register()
def hosts_match_the_address(app_configs, **kwargs):
    from config.env import env

    if env.host not in ("127.0.0.1", "::1", "localhost") and settings.ALLOWED_HOSTS == [
        "localhost",
        "127.0.0.1",
        "[::1]",
    ]:
        return [Warning("HOST is open to others, but ALLOWED_HOSTS lets only loopback names in.", id="parley.W002")]
    return []
