"""Filling in a page's form as a browser would: what the page has, with some fields typed anew."""

from html.parser import HTMLParser


class _Form(HTMLParser):
    """The fields of the first form whose class is given; rows inside <template> aren't part of it."""

    def __init__(self, css_class):
        super().__init__()
        self.css_class, self.inside, self.templates = css_class, False, 0
        self.fields, self.area, self.select = {}, None, None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form" and self.css_class in (attrs.get("class") or "").split():
            self.inside = True
        if tag == "template":
            self.templates += 1
        if not self.inside or self.templates:
            return
        name = attrs.get("name")
        if tag == "input" and name and not (attrs.get("type") == "checkbox" and "checked" not in attrs):
            self.fields[name] = attrs.get("value", "on" if attrs.get("type") == "checkbox" else "")
        if tag == "textarea" and name:
            self.area, self.fields[name] = name, ""
        if tag == "select":
            self.select = name
        if tag == "option" and self.select and (self.select not in self.fields or "selected" in attrs):
            self.fields[self.select] = attrs.get("value", "")

    def handle_data(self, data):
        if self.area:
            self.fields[self.area] += data

    def handle_endtag(self, tag):
        if tag == "template":
            self.templates -= 1
        if tag == "textarea" and self.area:
            # The first line feed after <textarea> is not part of its text.
            self.fields[self.area] = self.fields[self.area].removeprefix("\n")
            self.area = None
        if tag == "select":
            self.select = None
        if tag == "form":
            self.inside = False


def filled(response, css_class, **typed):
    """The fields of the form on this page; `typed` replaces some, with `__` for the dashes of their names."""
    parser = _Form(css_class)
    parser.feed(response.content.decode())
    return {**parser.fields, **{name.replace("__", "-"): value for name, value in typed.items()}}
