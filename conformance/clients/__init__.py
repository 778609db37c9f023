"""Judging clients of the endpoint: each scenario runs the client against a server of its own.

``run.judge`` runs a command once per scenario and judges what it sent, read and printed by the
requirements in ``spec/clients.yaml``. What a command and its adapter have to do is described in
``docs/clients.md``.
"""
