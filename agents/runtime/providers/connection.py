"""The connection to one server that speaks the API: one client, reused by all of its models."""

import ipaddress
from urllib.parse import urlsplit

import orjson
from openai import AsyncOpenAI, DefaultAsyncHttpxClient, Timeout

from agents.runtime.providers.failures import FAILURES, classify

# Reads wait as long as the caller's own deadlines allow; these bound what no deadline of a reply covers.
TIMEOUT = Timeout(connect=5, read=None, write=30, pool=10)
LIST_TIMEOUT = Timeout(10, connect=5)


def connect(*, base_url: str, api_key: str) -> AsyncOpenAI:
    """A client for one event loop. Retries are ours, so that people hear of them; local servers need any key."""
    http_client = DefaultAsyncHttpxClient(timeout=TIMEOUT, trust_env=not _is_loopback(base_url))
    return AsyncOpenAI(
        base_url=base_url, api_key=api_key or "none", max_retries=0, timeout=TIMEOUT, http_client=http_client
    )


async def list_models(*, base_url: str, api_key: str) -> list[str]:
    """The ids that a server lists, in its order."""
    async with connect(base_url=base_url, api_key=api_key) as client:
        return await models_of(client)


async def models_of(client: AsyncOpenAI) -> list[str]:
    try:
        response = await client.models.with_raw_response.list(timeout=LIST_TIMEOUT)
        listed = orjson.loads(response.content)
        return [str(model["id"]) for model in listed["data"]]
    except (KeyError, TypeError):
        raise classify(ValueError()) from None
    except FAILURES as error:
        raise classify(error) from error


def _is_loopback(base_url: str) -> bool:
    """A proxy from the environment must not stand between us and a server of this machine."""
    host = urlsplit(base_url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
