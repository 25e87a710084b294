"""Chains: prompts, agents and other chains that work one after another (agents.md E)."""

from agents.runtime.chains.agent import ChainAgent
from agents.runtime.chains.catalogue import Catalogue
from agents.runtime.chains.checks import problems, valid_sources
from agents.runtime.chains.mapping import with_mapping
from agents.runtime.chains.parsing import parse_chain
from agents.runtime.chains.problems import ChainProblems, Problem
from agents.runtime.chains.shapes import Parameter, Signature
from agents.runtime.chains.spec import ChainSpec, ChainStep
from agents.runtime.chains.targets import StepTarget
from agents.runtime.chains.tool import ChainTool

__all__ = [
    "Catalogue",
    "ChainAgent",
    "ChainProblems",
    "ChainSpec",
    "ChainStep",
    "ChainTool",
    "Parameter",
    "Problem",
    "Signature",
    "StepTarget",
    "parse_chain",
    "problems",
    "valid_sources",
    "with_mapping",
]
