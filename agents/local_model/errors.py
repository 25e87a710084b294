"""What can go wrong with the local model, each with a sentence for people.

LocalModelError
├── SourceError      one source gave no (whole) file: the next one is tried
├── WeightsError     the file can't be had: the operator must act
└── Stopped          the server ends before the file was there
"""


class LocalModelError(Exception):
    """The local model can't be used; `str()` says why and what to do."""


class SourceError(LocalModelError):
    pass


class WeightsError(LocalModelError):
    pass


class Stopped(LocalModelError):
    pass
