"""`{% icon "send" %}`: an icon of the vendored sprite. Decorative: the control around it carries the label."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html

register = template.Library()

SPRITE = "vendor/icons.svg"


@register.simple_tag
def icon(name: str, modifier: str = "") -> str:
    css = f"icon {modifier}".strip()
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>', css, static(SPRITE), name)


@register.simple_tag
def icon_sprite() -> str:
    """Address of the sprite, for icons that scripts make."""
    return static(SPRITE)
