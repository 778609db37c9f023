"""Detectors that several checks share: model details, provider data, secrets and internals."""
