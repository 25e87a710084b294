"""A chain's stored configuration as the chain that runs: as an agent, as a tool, and as what an evaluation measures."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from agents.build import agents, language_models
from agents.build.prompts import spec_of
from agents.models import PromptVersion
from agents.runtime.answers import OutputSpec
from agents.runtime.chains import ChainAgent, ChainTool, StepTarget, parse_chain
from agents.runtime.consistency import consistent
from agents.runtime.limits import Limits
from agents.runtime.llm import LLM
from config.db import in_db

# A step is bound by its chain; what a prompt alone may use isn't said anywhere else.
UNBOUND = Limits(timeout_s=3600, max_total_tokens=None)
# A chain within another run is no one's last word: whoever runs it makes something of what it has found.
WITHIN = replace(UNBOUND, on_limit="force")
# A chain that is a tool ends by itself before its call is ended: what it has by then is the observation.
SHARE_OF_CALL = 0.9
TYPES_WITH_OUTPUT = ("conversation", "structured")


async def chain_from(snapshot: Mapping[str, Any], limits: Limits, *, llm: LLM | None = None) -> ChainAgent:
    """The chain of a stored configuration (`services.agents.resolve_chain`). `llm` takes the place of every prompt's
    own model; agents keep theirs."""
    spec = parse_chain(snapshot["definition"])
    targets = {step_id: await _target(described, llm) for step_id, described in snapshot["targets"].items()}
    giver = next((targets[step.id] for step in spec.givers() if step.id in targets), None)
    return ChainAgent(spec, targets, limits, llm=giver.make(UNBOUND).llm if giver else None)


def tool_of(described: Mapping[str, Any]) -> ChainTool:
    """A chain in an agent's hands, made anew for each call with what is left of the run's budget."""
    return ChainTool(
        make=partial(chain_from, described["chain"]),
        spec=parse_chain(described["chain"]["definition"]),
        name=described["name"],
        description=described["description"],
        timeout_s=described["timeout_s"],
        max_output=described["max_output"],
        limits=replace(WITHIN, timeout_s=described["timeout_s"] * SHARE_OF_CALL),
    )


async def _target(described: Mapping[str, Any], llm: LLM | None) -> StepTarget:
    match described["kind"]:
        case "prompt":
            return await _prompt(described, llm)
        case "chain":
            return _nested(await chain_from(described["chain"], WITHIN, llm=llm), WITHIN)
    return await _agent(described)


async def _prompt(described: Mapping[str, Any], llm: LLM | None) -> StepTarget:
    version = await in_db(PromptVersion.objects.get, pk=described["version"])
    spec = consistent(await in_db(spec_of, version))
    model = llm or await language_models.llm_for(described["model"])
    return StepTarget(partial(agents.agent_of_prompt, spec, model), spec.output, UNBOUND, spec.reasons)


async def _agent(described: Mapping[str, Any]) -> StepTarget:
    snapshot, key = described["agent"], described["version"]
    limits = agents.limits_of(snapshot)
    if not key:
        return _nested(await chain_from(snapshot["chain"], limits), limits)
    version = await in_db(PromptVersion.objects.get, pk=key)
    make, spec = await agents.maker_of(snapshot, version)
    declares = snapshot["agent_type"] in TYPES_WITH_OUTPUT
    output = spec.output if declares else OutputSpec()
    return StepTarget(make, output, limits, declares and spec.reasons, idempotent=not snapshot["tools"])


def _nested(chain: ChainAgent, limits: Limits) -> StepTarget:
    return StepTarget(chain.within, chain.output, limits, idempotent=False)
