"""The process that serves the local model: `child.py`, started by the supervisor, never by hand.

It reads one JSON line from standard input (the key must not be seen in the list of processes), answers with a line on
standard output that says where it listens (or why it can't), and ends when its standard input does: with its parent.
"""

import json
import os
import sys

# One prompt cache for all slots, in main memory; the library's own limit is 8 GiB.
PROMPT_CACHE_MIB = 512
# Tokens of a prompt that are read at a stretch. A call that was left is only noticed in between: with the library's
# 2,048, the next one would wait half a minute on a small machine.
BATCH = 256


def main() -> None:
    wanted = json.loads(sys.stdin.readline())
    report = os.fdopen(os.dup(1), "w")
    log = os.open(wanted["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)

    try:
        import xllamacpp
    except ImportError as error:
        print(json.dumps({"error": str(error)}), file=report, flush=True)
        raise

    p = xllamacpp.CommonParams()
    p.model.path = wanted["path"]
    p.model_alias = {wanted["name"]}
    p.api_keys = [wanted["key"]]
    p.n_ctx = wanted["context"]
    p.n_parallel = wanted["slots"]
    p.kv_unified = True  # else each slot has only its share of the context
    p.use_jinja = True
    p.ui = False
    p.verbosity = 2
    p.n_batch = p.n_ubatch = BATCH
    p.cache_ram_mib = PROMPT_CACHE_MIB
    p.cpuparams.n_threads = p.cpuparams_batch.n_threads = wanted["threads"]
    server = xllamacpp.Server(p)  # returns once the model is loaded
    print(json.dumps({"address": server.listening_address}), file=report, flush=True)

    sys.stdin.read()
    os._exit(0)  # requests under way would keep an ordinary end waiting


if __name__ == "__main__":
    main()
