"""Datasets: the cases that versions are measured on."""

from django.db import models

from agents.models.fields import OrderedJSONField


class Dataset(models.Model):
    """A named set of cases."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Case(models.Model):
    """One input with the answer that is right. `case_id` is stable across imports; `expected` is a value or a list."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="cases")
    case_id = models.CharField("id", max_length=120)
    inputs = OrderedJSONField(default=dict)
    expected = OrderedJSONField(null=True, blank=True)
    split = models.CharField(max_length=40, blank=True)
    tags = OrderedJSONField(default=list, blank=True)
    critical = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["dataset", "case_id"], name="case_id_is_unique_in_dataset")]

    def __str__(self) -> str:
        return self.case_id
