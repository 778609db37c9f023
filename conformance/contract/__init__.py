"""The contract as values: the model, its loader, queries, schemas, and what a query may select."""
