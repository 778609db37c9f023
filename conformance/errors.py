"""The errors a caller can meet, one per stage at which a run can fail."""


class ConformanceError(Exception):
    """Base of every error this package raises on purpose; its text is one sentence for a person."""


class UsageError(ConformanceError):
    """What was asked for cannot be done: a bad URL, an unknown requirement, an unusable file."""


class ContractError(UsageError):
    """The contract file cannot be read, or does not say what the suite needs to know."""


class RecordingError(UsageError):
    """A file is no recording of a run, or none that this version can judge."""


class CannotTest(ConformanceError):
    """The target could not be tested: unreachable, no HTTP, credential refused, no recovery."""


class ForbiddenRequest(ConformanceError):
    """Something asked for a request that the suite must never send. A defect of the suite."""
