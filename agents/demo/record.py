"""Put the demo's versions to a real model and keep what it answers."""

from collections.abc import Callable
from pathlib import PurePath

from django.utils import timezone

from agents.demo import content, recordings
from agents.demo.recordings import Recorded, Recording
from agents.evals.runner import PlannedTrial, TrialResult, run_trials
from agents.evals.scorers import parse_scorer
from agents.evaluator import LIMITS
from agents.runtime.agents.conversation import Conversation
from agents.runtime.errors import RunError
from agents.runtime.events import ModelCalled
from agents.runtime.llm import LLM
from agents.runtime.prompts import parse_prompt


async def record(version: str, llm: LLM, *, concurrency: int, on_result: Callable[[TrialResult], None]) -> Recording:
    """Every case once; RunError when one of them got no answer, as half a recording is of no use."""
    spec = parse_prompt(content.prompt_file(version))
    results: list[TrialResult] = []

    async def keep(result: TrialResult) -> None:
        results.append(result)
        on_result(result)

    await run_trials(
        [PlannedTrial(case["id"], case["inputs"], case["expected"]) for case in content.cases()],
        target=Conversation(llm, spec, LIMITS),
        spec=spec.output,
        scorers=[parse_scorer(name) for name in content.SCORERS],
        concurrency=concurrency,
        on_result=keep,
    )
    answers = sorted(map(_answer, results), key=lambda answer: answer.case)
    return Recording(_plain_name(results[0].model), timezone.now().date(), tuple(answers))


def _answer(result: TrialResult) -> Recorded:
    if result.outcome == "error":
        raise RunError(result.error_code, f"{result.trial.key}: {result.error_detail}")
    call = next(event for event in result.events if isinstance(event, ModelCalled))
    return Recorded(
        case=result.trial.key,
        request=recordings.hash_of(call.request),
        output=call.response,
        finish_reason=call.finish_reason,
        input_tokens=call.usage.input,
        output_tokens=call.usage.output,
        first_token_ms=call.first_token_ms,
        duration_ms=call.duration_ms,
    )


def _plain_name(model: str) -> str:
    """Some servers name a model by the path of its file on their machine."""
    return PurePath(model).name.removesuffix(".gguf")
