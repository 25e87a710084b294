"""Django's settings under test: nothing is taken from, or left in, the developer's data folder or environment."""

import atexit
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

if "DATA_DIR" not in os.environ:
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="parley-tests-")
    atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)
for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL", "EMBEDDING_MODEL", "DEBUG"):
    os.environ.pop(name, None)
os.environ["MODEL"] = "none"
os.environ["ENV_FILE"] = os.devnull

from config.settings import *  # noqa: E402, F403
from config.settings import BASE_DIR, DATABASES, STATIC_ROOT, STORAGES  # noqa: E402

Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # WhiteNoise warns of a folder that isn't there
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    # One server may serve the tests of several checkouts at once; a run that was killed leaves nothing that piles up.
    checkout = hashlib.sha256(str(BASE_DIR).encode()).hexdigest()[:8]
    DATABASES["default"].setdefault("TEST", {})["NAME"] = f"test_parley_{checkout}"
# Idle connections of a pool would keep the test database from being dropped.
DATABASES["default"].get("OPTIONS", {}).pop("pool", None)
