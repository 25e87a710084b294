"""Collections of documents that agents search."""

from django.db import models


class DocumentCollection(models.Model):
    """A set of documents behind one pair of Search and Lookup tools."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Document(models.Model):
    """One article: paragraphs divided by blank lines, the first being the summary."""

    collection = models.ForeignKey(DocumentCollection, models.CASCADE, related_name="documents")
    title = models.CharField(max_length=300)
    text = models.TextField()

    class Meta:
        ordering = ["title"]
        constraints = [models.UniqueConstraint(fields=["collection", "title"], name="document_title_is_unique")]

    def __str__(self) -> str:
        return self.title
