"""What all rooms stand on: errors, types, params, tables and paths. Imports no other room."""
