"""The contract as a static site: pages and downloads, with a separate path for each version."""
