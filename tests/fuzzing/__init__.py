"""Coverage-guided fuzzing of everything that reads what a target sends; see docs/fuzzing.md."""
