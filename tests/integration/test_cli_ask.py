"""`foraker ask`: steps, answer and bill; over a data directory, a server and between the two; traces and replays."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import BINARY, Foraker, write_lines
from language_model import LanguageModel
from multi_hop import QUESTION, TEXTS

ASK = ("ask", "-c", "wiki", QUESTION)


@pytest.fixture
def wiki(foraker: Foraker, tmp_path: Path) -> Foraker:
    documents = [
        {"_id": f"id of {title}", "title": title, "text": text, "letters": len(title)} for title, text in TEXTS.items()
    ]
    foraker.ok("index", "-c", "wiki", "--input", write_lines(tmp_path / "wiki.jsonl", documents))
    return foraker


@pytest.fixture
def model() -> Iterator[LanguageModel]:
    served = LanguageModel(
        'Thought: Who wrote it?\nTool Name: AdvancedSearch\nTool Args: {"search_query": "Mary Shelley born"}',
        "Thought: She was born in London.\nTool Name: finish\nTool Args: {}",
        "Reasoning: Mary Shelley was born in London [1].\nPassages: [1]\nAnswer: London",
    )
    yield served
    served.close()


def timeless(result: dict[str, Any]) -> dict[str, Any]:
    """The result without what differs from run to run."""
    steps = [{name: value for name, value in step.items() if name != "ms"} for step in result["steps"]]
    bill = {name: value for name, value in result["bill"].items() if name != "timing"}
    return {**result, "steps": steps, "bill": bill}


def read(result: dict[str, Any]) -> list[str]:
    """Titles in the order in which they were read."""
    return [passage["title"] for step in result["steps"] for passage in step.get("passages", [])]


# ---- asking ----


def test_a_question_of_two_hops_is_answered_with_its_steps(wiki: Foraker) -> None:
    result = wiki.json(*ASK)
    assert result["question"] == QUESTION
    assert result["steps"][0]["query"] == QUESTION
    assert {"Frankenstein", "Mary Shelley"} <= set(read(result))
    assert len(read(result)) == len(set(read(result))) == result["bill"]["passages"]
    assert result["bill"]["searches"] == sum("query" in step for step in result["steps"])
    assert result["bill"]["timing"]["total_ms"] > 0
    answer = result["answer"]
    assert answer["answerer"] == "extractive"
    for citation in answer["citations"]:
        begin, end = citation["range"]
        assert TEXTS[citation["title"]][begin:end] == citation["quote"]


def test_people_see_steps_answer_and_bill(wiki: Foraker) -> None:
    text = wiki.ok("ask", "-c", "wiki", *QUESTION.split())
    lines = text.splitlines()
    assert lines[0] == f"step 0  {QUESTION}"
    assert any("Frankenstein  id of Frankenstein" in line for line in lines)
    assert any(line.startswith("answer  ") for line in lines)
    assert "passages of" in lines[-1]
    assert lines[-1].split(";")[1].lstrip()[0].isdigit()
    assert "\033" not in text, "no colour in a pipe"


def test_limits_bind_and_are_named(wiki: Foraker) -> None:
    result = wiki.json(*ASK, "--searches", "1", "--no-stop")
    assert (result["bill"]["searches"], result["stopped_by"]) == (1, "searches")
    result = wiki.json(*ASK, "--passages", "2", "--no-stop")
    assert (result["bill"]["passages"], result["stopped_by"]) == (2, "passages")
    result = wiki.json(*ASK, "--passages-per-search", "1", "--answerer", "none")
    assert all(len(step.get("passages", [])) <= 1 for step in result["steps"])
    assert result["answer"]["answerer"] == ""


def test_a_filter_holds_for_every_search(wiki: Foraker) -> None:
    assert "Mary Shelley" not in read(wiki.json(*ASK, "--filter", 'not _id = "id of Mary Shelley"', "--no-stop"))


# ---- elsewhere ----


def test_a_server_gives_the_same_steps_and_answer(wiki: Foraker, serve: Callable[..., str]) -> None:
    here = wiki.json(*ASK)
    address = serve(wiki.data)
    assert timeless(wiki.json(*ASK, "--server", address)) == timeless(here)
    assert timeless(wiki.json(*ASK, "--search-server", address)) == timeless(here)


def test_what_a_server_decides_is_not_asked_for(wiki: Foraker, tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text("{}")
    for option in (("--stop-policy", policy), ("--llm-url", "http://127.0.0.1:1/v1"), ("--rank-model", tmp_path)):
        assert "a server has its own" in wiki.error(2, *ASK, "--server", "127.0.0.1:1", *option)
    assert "--search-server" in wiki.error(2, *ASK, "--server", "127.0.0.1:1", "--search-server", "127.0.0.1:1")


# ---- a language model ----


def test_a_language_model_plans_and_answers_and_its_key_stays_secret(
    wiki: Foraker, model: LanguageModel, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    command = [BINARY, *ASK, "--planner", "llm", "--llm-url", model.url, "--llm-model", "scripted", "--trace", trace]
    environment = {"PATH": os.environ["PATH"], "FORAKER_DATA": str(wiki.data), "FORAKER__LLM__API_KEY": "se-cret"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "Who wrote it?" in done.stdout
    assert done.stdout.count("Who wrote it?") == 1, "a thought that was streamed is not printed again"
    assert "answer  London" in done.stdout
    assert "3 chat calls of 150 tokens in and 21 out" in done.stdout
    assert set(model.keys) == {"Bearer se-cret"}
    assert "se-cret" not in done.stdout + done.stderr + trace.read_text()

    calls = len(model.requests)
    replayed = wiki.ok("ask", "--replay", trace)
    assert replayed == done.stdout
    assert len(model.requests) == calls, "a replay asks nobody"
    assert "was made with scripted" in wiki.error(1, "ask", "--replay", trace, "--llm-model", "another")


def test_an_llm_planner_needs_a_model(wiki: Foraker) -> None:
    assert "there is no language model" in wiki.error(1, *ASK, "--planner", "llm")


# ---- traces ----


def test_a_replay_gives_the_same_bytes(wiki: Foraker, tmp_path: Path) -> None:
    trace, again = tmp_path / "trace", tmp_path / "again"
    printed = wiki.ok(*ASK, "--trace", trace, "--json")
    nowhere = tmp_path / "nowhere"
    assert wiki.ok("ask", "--replay", trace, "--trace", again, "--json", data=nowhere) == printed
    assert again.read_bytes() == trace.read_bytes()
    assert not nowhere.exists()
    assert wiki.ok("ask", "--replay", trace).startswith(f"step 0  {QUESTION}\n")


def test_a_servers_trace_replays_here(wiki: Foraker, serve: Callable[..., str], tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    printed = wiki.json(*ASK, "--server", serve(wiki.data), "--trace", trace, "--json")
    assert wiki.json("ask", "--replay", trace) == printed


def test_a_damaged_trace_is_refused_with_its_line(wiki: Foraker, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    wiki.ok(*ASK, "--trace", trace)
    lines = trace.read_text().splitlines()
    place = next(i for i, line in enumerate(lines) if line.startswith('{"search"'))

    def replay(code: int, changed: list[str]) -> str:
        trace.write_text("".join(line + "\n" for line in changed))
        return wiki.error(code, "ask", "--replay", trace)

    cut = [*lines[:place], lines[place][:-10], *lines[place + 1 :]]
    assert f"trace:{place + 1}: expected a JSON object" in replay(2, cut)
    assert f"trace:{place}: the trace ends without its result" in replay(2, lines[:place])

    call = json.loads(lines[place])
    call["search"]["k"] += 1
    other = [*lines[:place], json.dumps(call, ensure_ascii=False, separators=(",", ":")), *lines[place + 1 :]]
    assert f"trace:{place + 1}: search.k: the run asks for {call['search']['k'] - 1} where" in replay(1, other)


# ---- mistakes ----


def test_mistakes_are_told(wiki: Foraker, tmp_path: Path) -> None:
    assert "give a question and its --collection" in wiki.error(2, "ask", "-c", "wiki")
    assert "none" in wiki.error(2, "ask", "-c", "none", QUESTION)
    assert "takes question and collection from its file" in wiki.error(2, *ASK, "--replay", tmp_path / "trace")
    assert str(tmp_path / "trace") in wiki.error(2, "ask", "--replay", tmp_path / "trace")
    assert "budget.searches" in wiki.error(2, *ASK, "--searches", "1000")
    assert "--rank-model" in wiki.error(2, *ASK, "--rerank")
    assert "filter" in wiki.error(2, *ASK, "--filter", "letters >")
    examples = tmp_path / "examples.json"
    examples.write_text("{")
    assert str(examples) in wiki.error(2, *ASK, "--llm-examples", examples)
