"""The contract as a static site: pages, downloads, every version under a path of its own."""
