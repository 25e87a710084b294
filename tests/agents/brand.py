"""The two-step chain that several tests use: a product gets a name, and the name a slogan."""

from agents.models import Agent, Chain
from agents.services.chains import save_chain
from agents.services.prompts import import_prompt

NAME = "What is a good name for a company that makes {product}?"
SLOGAN = "Write a slogan for {name}."
DEFINITION = {
    "inputs": ["product"],
    "steps": [
        {"id": "name", "prompt": "company-name", "inputs": {"product": "input.product"}},
        {"id": "slogan", "prompt": "slogan", "inputs": {"name": "steps.name"}},
    ],
}


def publish(slug, text, **fields):
    file = {"slug": slug, "format": "fstring", "messages": [{"role": "user", "content": text}], **fields}
    return import_prompt(data=file).version


def publish_both():
    return publish("company-name", NAME), publish("slogan", SLOGAN)


def brand(definition=None):
    publish_both()
    chain = Chain(slug="brand", name="Brand")
    save_chain(chain=chain, definition=definition or DEFINITION)
    return chain


def brand_agent(chain=None, **fields):
    return Agent.objects.create(
        **{"slug": "brand-ideas", "name": "Brand ideas", "agent_type": "chain", "chain": chain or brand(), **fields}
    )
