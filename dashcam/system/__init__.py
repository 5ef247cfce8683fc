"""The machine: the only subprocess calls, priorities, health, and what systemd is told."""
