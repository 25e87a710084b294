"""Where models are served, and what they cost."""

from django.db import models

from agents.models.fields import OrderedJSONField


class Provider(models.Model):
    """A server that speaks the OpenAI API. The key stays in the environment; the row holds the variable's name."""

    name = models.CharField(max_length=80, unique=True)
    base_url = models.URLField(help_text="Up to and including /v1, as in https://api.openai.com/v1")
    api_key_variable = models.CharField(
        max_length=80, blank=True, help_text="Name of the environment variable that holds the key; empty for none."
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class LanguageModel(models.Model):
    """A model that prompts and agents can name by its slug. Without a provider it is served by the default one."""

    slug = models.SlugField(max_length=80, unique=True)
    provider = models.ForeignKey(Provider, models.PROTECT, null=True, blank=True, related_name="models")
    name = models.CharField(max_length=200, help_text="The model's id at its server.")
    context_window = models.PositiveIntegerField(null=True, blank=True, help_text="In tokens.")
    # What staff decided, by the names of runtime.llm.Capabilities; `learned` has {name: {value, date}} of its server,
    # `forgotten` the time when staff last wanted that dropped.
    capabilities = OrderedJSONField(default=dict, blank=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug


class ModelPrice(models.Model):
    """What a model costs from a day on, in US dollars per million tokens."""

    model = models.ForeignKey(LanguageModel, models.CASCADE, related_name="prices")
    valid_from = models.DateField()
    input = models.DecimalField(max_digits=12, decimal_places=6)
    cached_input = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)
    output = models.DecimalField(max_digits=12, decimal_places=6)

    class Meta:
        ordering = ["-valid_from"]
        constraints = [models.UniqueConstraint(fields=["model", "valid_from"], name="one_price_a_model_a_day")]

    def __str__(self) -> str:
        return f"{self.model} from {self.valid_from}"
