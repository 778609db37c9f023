"""Mutation testing: which mutants there are, which tests concern them, and the results in words."""
