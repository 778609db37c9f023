"""Servers that keep the contract and look odd, by what is odd about them."""
