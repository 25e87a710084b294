from agents.models.agents import Agent, AgentTool, Tool
from agents.models.chains import Chain
from agents.models.datasets import Case, Dataset
from agents.models.documents import Document, DocumentCollection
from agents.models.evaluations import Evaluation, Score, Trial
from agents.models.language_models import LanguageModel, ModelPrice, Provider
from agents.models.prompts import FewShotExample, Prompt, PromptLabel, PromptLabelMove, PromptVersion
from agents.models.traces import ModelCall, Step, ToolCall, Trace
from agents.models.users import ApiKey, SignInLink, User

__all__ = [
    "Agent",
    "AgentTool",
    "ApiKey",
    "Case",
    "Chain",
    "Dataset",
    "Document",
    "DocumentCollection",
    "Evaluation",
    "FewShotExample",
    "LanguageModel",
    "ModelCall",
    "ModelPrice",
    "Prompt",
    "PromptLabel",
    "PromptLabelMove",
    "PromptVersion",
    "Provider",
    "Score",
    "SignInLink",
    "Step",
    "Tool",
    "ToolCall",
    "Trace",
    "Trial",
    "User",
]
