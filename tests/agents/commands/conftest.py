"""Commands find no model but the one that a test gives them."""

import pytest


@pytest.fixture(autouse=True)
def no_model_around(settings):
    settings.LOCAL_MODEL = False
    settings.OPENAI_API_KEY = settings.OPENAI_BASE_URL = settings.OPENAI_MODEL = ""
