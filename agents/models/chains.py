"""Chains: prompts and agents that work one after another."""

from django.db import models

from agents.models.fields import OrderedJSONField


class Chain(models.Model):
    """Steps with their inputs mapped from what came before. `definition` is read by `agents.runtime.chains`."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    # {"inputs": [...], "steps": [{"id": …, "prompt": "slug@label", "inputs": {…}, "output": …}, …], "output": …}
    definition = OrderedJSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
