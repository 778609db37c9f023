"""The contract as values: model, loader, queries, schemas, and the meaning of each query."""
