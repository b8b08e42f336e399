"""What all rooms stand on: errors, types, names, params, file formats and paths of shared results.

Imports no other room.
"""
