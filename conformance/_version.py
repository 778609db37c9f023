"""The version of the suite; the contract has one of its own in spec/openapi.yaml."""

__version__ = "0.1.0"
