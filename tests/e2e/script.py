"""What the scripted model says in the browser tests: the first rule that matches the last message wins."""

TABLE = """Here is what I know:

| Engine | Year |
| --- | --- |
| Difference | 1822 |
| Analytical | 1837 |

```python
print("hello")
```

<img src=x onerror="window.hacked = 1"><script>window.hacked = 2</script>
[a link](javascript:alert(1)) and ![far away](http://far.example/pixel.png)
"""

RULES = [
    {"model": "slow", "reply": "Controversy score: 3\nReason: after some thought.", "first_token_s": 1},
    {"contains": "hello to the API", "reply": "Hello, API!"},
    {"contains": "endless story", "reply": "once upon a time " * 2000, "token_s": 0.02},
    {"contains": "Count slowly", "reply": " ".join(str(n) for n in range(1, 81)), "token_s": 0.05},
    {"contains": "Fail as unauthorized", "status": 401, "message": "bad key sk-secret"},
    {"contains": "Fail once", "status": 400, "message": "cannot", "times": 1},
    {"contains": "Fail once", "reply": "This time it worked."},
    {"contains": "Break off", "reply": "These words were sent before the line went dead.", "drop_at": 4},
    {"contains": "Show a table", "reply": TABLE},
    {"contains": "Observation: 43", "reply": "Thought: I know it now.\nFinal Answer: It is 43."},
    {
        "contains": "6 times 7 plus 1",
        "reply": "Thought: I should calculate this.\nAction: Calculator\nAction Input: 6*7+1",
        "token_s": 0.03,
    },
    {"contains": "Observation: Marie Curie", "reply": "Thought: Found.\nFinal Answer: She was born in **Warsaw**."},
    {
        "contains": "Where was Marie Curie born",
        "reply": "Thought: Look it up.\nAction: Search\nAction Input: Marie Curie",
    },
    {
        "contains": "composer of the music for Princess Mononoke",
        "reply": "Thought 1: I need the composer.\nAction 1: Search[Princess Mononoke]",
        "token_s": 0.01,
    },
    {
        "contains": "Observation 1: Princess Mononoke",
        "reply": "Thought 2: Joe Hisaishi composed it.\nAction 2: Search[Joe Hisaishi]",
    },
    {"contains": "Observation 2: Joe Hisaishi", "reply": "Thought 3: In Nakano.\nAction 3: Finish[Nakano]"},
    {
        "contains": "Joe Hisaishi was born in Nagano Prefecture.",
        "reply": "Thought 1: I look him up.\nAction 1: Search[Joe Hisaishi]",
    },
    {
        "contains": "Observation 1: Joe Hisaishi",
        "reply": "Thought 2: Nakano is a city there.\nAction 2: Finish[SUPPORTS]",
    },
    {
        "contains": "the river flow that the Angara joins",
        "reply": "Are follow up questions needed here: Yes.\nFollow up: Which river does the Angara join?",
        "token_s": 0.01,
    },
    {"contains": "Intermediate answer: Angara", "reply": "So the final answer is: The Kara Sea"},
    {"contains": "Hi, I am Ada.", "reply": "Thought: Do I need to use a tool? No\nAI: Nice to meet you, Ada."},
    {
        "contains": "Which composer wrote the music",
        "reply": "Thought: Do I need to use a tool? Yes\nAction: Search\nAction Input: Princess Mononoke",
    },
    {
        "contains": "Observation: Princess Mononoke",
        "reply": "Thought: Do I need to use a tool? No\nAI: Joe Hisaishi did.",
    },
    {"contains": "And what am I called?", "reply": "Thought: Do I need to use a tool? No\nAI: You are Ada."},
    {"contains": "Roger has 5 tennis balls", "reply": "The cans hold 2 * 3 = 6 balls: 5 + 6 = 11.\nAnswer: 11"},
    {"contains": "Draw lots", "replies": [f"It is {n}.\nAnswer: {n}" for n in (12, 8, 12, 10, 12)]},
    {
        "system": "Break the problem",
        "reply": '{"subquestions": ["How many eggs hold the boxes of one crate?", "How many eggs hold 2 crates?"]}',
    },
    {"contains": "How many eggs hold the boxes", "reply": "The boxes hold 4 * 6 = 24 eggs.\nAnswer: 24"},
    {"contains": "How many eggs hold 2 crates?", "reply": "Both hold 2 * 24 = 48 eggs.\nAnswer: 48"},
    {"contains": "A bus carries 18", "reply": "```python\ndef solution():\n    return 18 - 7\n```", "token_s": 0.01},
    {
        "contains": "Work out two things",
        "reply": '<tool_call>{"name": "calculator", "arguments": {"input": "6*7"}}</tool_call> '
        '<tool_call>{"name": "calculator", "arguments": {"input": "9*9"}}</tool_call>',
        "token_s": 0.03,
    },
    {"role": "tool", "equals": "81", "reply": "They are **42** and **81**."},
    {"system": "fill in a form", "reply": '{"people": [], "dates": [{"date": "14 March", "what": "A meeting"}]}'},
    {"system": "from 0 to 5 only", "reply": "Controversy score: 5\nReason: the new prompt was used."},
    {"system": "controvers", "reply": "Controversy score: 3\nReason: an everyday opinion."},
    {"contains": "good name for a company", "reply": "Toe Rainbow", "token_s": 0.03},
    {"contains": "Write a slogan", "reply": "**Toe Rainbow**\n\nStep into colour!", "token_s": 0.03},
    {"contains": "Hello", "reply": "Hello! How can I help?"},
]
