"""Kernels of the networks: attention, feed-forward, dropout, products of matrices for the CPU.

Each equals the plain formula in torch: tests/models/test_kernels.py.
"""
