"""Which version of its prompt an agent uses now."""

from agents.models import Agent, PromptLabel, PromptVersion
from agents.runtime.errors import ConfigurationError


def version_in_use(agent: Agent) -> PromptVersion:
    """The version behind the agent's label, from the next message on. An agent of a chain has none of its own."""
    label = (
        PromptLabel.objects.select_related("version__prompt")
        .filter(prompt_id=agent.prompt_id, name=agent.label)
        .first()
    )
    if label is None:
        of_what = (
            f"The prompt “{agent.prompt.slug}”" if agent.prompt else f"The agent “{agent.slug}” has no prompt, so it"
        )
        raise ConfigurationError(
            f"{of_what} has no version labelled “{agent.label}”. Publish a version, or move the label to one."
        )
    return label.version
